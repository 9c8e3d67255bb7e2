"""Sample view models: the contract between views and templates. SAMPLES maps a name to (template, context).

Every context also gets BASE. Plain dicts here; a view may as well use dataclasses with the same names.
A template never sees a state: it gets words, tones (ok|soon|late|brand|idle), booleans and lists.
"""

from typing import Any

Vm = dict[str, Any]

URLS = {"home": "/", "report": "/gui", "follow": "/theo-doi", "desk": "/co-quan"}
CITIZEN_NAV = [
    {"label": "Phản ánh", "url": "/", "current": False},
    {"label": "Gửi phản ánh", "url": "/gui", "current": False},
    {"label": "Theo dõi", "url": "/theo-doi", "current": False},
]
SITE = {
    "name": "Quảng Nam",
    "tagline": "Phản ánh hiện trường",
    "letters": "HĐ",
    "demo": False,
    "urls": URLS,
    "contact": "Trung tâm Giám sát, điều hành đô thị thông minh tỉnh · paht@quangnam.gov.vn",
    "links": [
        {"label": "Quy chế và phụ lục", "url": "/quy-che"},
        {"label": "Dành cho cơ quan", "url": "/co-quan"},
    ],
}
BASE = {"site": SITE, "nav": CITIZEN_NAV, "desk": False, "logout_url": None}


def citizen_nav(current: int | None = None) -> list[Vm]:
    return [{**item, "current": place == current} for place, item in enumerate(CITIZEN_NAV)]


DESK = {
    "desk": True,
    "logout_url": "/co-quan/dang-xuat",
    "site": {**SITE, "name": "Sở Xây dựng", "tagline": "Chị Hoa · cán bộ xử lý"},
    "nav": [
        {"label": "Việc cần làm", "url": "/co-quan", "current": True},
        {"label": "Số liệu", "url": "/co-quan/so-lieu", "current": False},
        {"label": "Tài khoản", "url": "/co-quan/tai-khoan", "current": False},
    ],
}


# --- small parts ------------------------------------------------------------------------------------


def chip(label: str, tone: str = "idle") -> Vm:
    return {"label": label, "tone": tone}


def cite(article: str, *steps: str, label: str = "") -> Vm:
    return {"article": article, "label": label, "steps": list(steps)}


def segment(label: str, allowed: int, used: int, tone: str, text: str, current: bool = False) -> Vm:
    """allowed: the term in working minutes; used: 0 to 100 (more is drawn full)."""
    return {"label": label, "allowed": allowed, "used": used, "tone": tone, "text": text, "current": current}


def field(name: str, type: str, label: str, **more: Any) -> Vm:
    blank: Vm = dict.fromkeys(
        ("hint", "value", "error", "autocomplete", "inputmode", "maxlength", "rows", "accept", "cite")
    )
    return {"name": name, "type": type, "label": label, "options": [], "required": False, **blank, **more}


def option(value: str, label: str, hint: str = "", selected: bool = False) -> Vm:
    return {"value": value, "label": label, "hint": hint, "selected": selected}


def form(action: str, submit: str, fields: list[Vm], **more: Any) -> Vm:
    return {
        "action": action,
        "submit": submit,
        "fields": fields,
        "intro": "",
        "cite": "",
        "cancel_url": None,
        "cancel": "",
        **more,
    }


def photo(name: str, alt: str, caption: str, width: int, height: int) -> Vm:
    return {
        "src": f"/photos/{name}.jpg",
        "full": f"/photos/{name}.jpg",
        "alt": alt,
        "caption": caption,
        "width": width,
        "height": height,
    }


def entry(title: str, when: str, when_iso: str = "", note: str = "", article: str = "", **more: Any) -> Vm:
    return {
        "title": title,
        "when": when,
        "when_iso": when_iso,
        "note": note,
        "article": article,
        "standing": None,
        "body": "",
        "future": False,
        "staff": False,
        **more,
    }


def offer(label: str, url: str = "#", **more: Any) -> Vm:
    return {
        "label": label,
        "url": url,
        "post": False,
        "main": False,
        "allowed": True,
        "reason": "",
        "article": "",
        **more,
    }


DONE = [
    segment("Nhận", 120, 60, "ok", "dùng 1 giờ 12 phút trong 2 giờ làm việc, đúng hạn"),
    segment("Xác minh", 600, 80, "ok", "dùng 8 giờ trong 1 ngày làm việc, đúng hạn"),
    segment("Xử lý", 3600, 62, "ok", "dùng 4 ngày trong 6 ngày làm việc, đúng hạn"),
    segment("Duyệt", 600, 30, "ok", "dùng 3 giờ trong 1 ngày làm việc, đúng hạn"),
    segment("Công khai", 240, 40, "ok", "dùng 1 giờ 36 phút trong 4 giờ làm việc, đúng hạn"),
]
NOW = [
    DONE[0],
    segment(
        "Xác minh", 600, 85, "soon", "đã dùng 8 giờ 30 phút trong 1 ngày làm việc, sắp đến hạn", current=True
    ),
    segment("Xử lý", 3600, 0, "idle", "chưa đến, tối đa 6 ngày làm việc"),
    segment("Duyệt", 600, 0, "idle", "chưa đến, 1 ngày làm việc"),
    segment("Công khai", 240, 0, "idle", "chưa đến, 4 giờ làm việc"),
]
LATE = [
    DONE[0],
    DONE[1],
    segment("Xử lý", 3600, 100, "late", "quá hạn 2 ngày làm việc", current=True),
    NOW[3],
    NOW[4],
]
FRESH = [
    segment("Nhận", 120, 15, "brand", "đã dùng 18 phút trong 2 giờ làm việc", current=True),
    segment("Xác minh", 600, 0, "idle", "chưa đến, 1 ngày làm việc"),
    *NOW[2:],
]
LAST = [*DONE[:4], segment("Công khai", 240, 50, "brand", "đã dùng 2 giờ trong 4 giờ làm việc", current=True)]

STEPS = cite(
    "QN20, Điều 8 bước 3",
    "Bắt đầu: 08:12 thứ Ba 03/03/2026, khi Sở Xây dựng tiếp nhận xử lý.",
    "Cộng 6 ngày làm việc, bỏ qua thứ Bảy 07/03 và Chủ nhật 08/03.",
    "Kết quả: hết ngày 11/03/2026 (17:00).",
)


def ribbon(
    segments: list[Vm], summary: str, due: str, due_tone: str = "ink", title: str = "Thời gian theo quy chế"
) -> Vm:
    return {
        "title": title,
        "summary": summary,
        "segments": segments,
        "due": due,
        "due_tone": due_tone,
        "cite": STEPS,
    }


BEFORE = photo("truoc", "Nắp cống bê tông vỡ đôi, hở một lỗ lớn sát lề đường", "02/03/2026", 800, 600)
AFTER = photo(
    "sau",
    "Nắp cống mới bằng gang, có vạch sơn vàng chung quanh",
    "09/03/2026, cách chỗ chụp trước 6\u00a0m",
    800,
    600,
)
TALL = photo("doc", "Cây nghiêng sát đường dây điện", "06/03/2026", 450, 800)
ANSWER = {
    "agency": "Sở Xây dựng",
    "greeting": "Kính chào: Ông/Bà",
    "opening": "Sau khi nhận được phản ánh của Ông/Bà, Sở Xây dựng đã tiến hành kiểm tra, xử lý và thông báo kết quả như sau:",
    "body": [
        "Ngày 09/03/2026, đơn vị quản lý đường bộ đã thay nắp cống mới bằng gang, kẻ lại vạch cảnh báo trước cổng trường và dọn sạch bùn đất trong hố ga."
    ],
    "closing": "Chúng tôi chân thành cám ơn Ông/Bà đã kịp thời phản ánh và mong tiếp tục nhận được phản ánh trong thời gian tới.",
    "signoff": "Trân trọng.",
    "files": [{"name": "Biên bản nghiệm thu", "url": "/tep/1", "size": "PDF, 240 kB"}],
    "published": "Công khai ngày 10/03/2026 theo mẫu Phụ lục 2 (Điều 10.1)",
}
OK = chip("Đúng hạn", "ok")
TIMELINE = [
    entry("Gửi phản ánh", "Thứ Hai 02/03/2026", "2026-03-02", "Qua trang này", "Điều 4"),
    entry(
        "Đã tiếp nhận, chuyển đến Sở Xây dựng",
        "02/03/2026, sau 1 giờ 12 phút",
        "2026-03-02",
        "Hạn 2 giờ làm việc",
        "Điều 6.2, 7.2",
        standing=OK,
    ),
    entry(
        "Tiếp nhận xử lý sau khi xác minh",
        "03/03/2026",
        "2026-03-03",
        "Hạn 1 ngày làm việc",
        "Điều 8 bước 2",
        standing=OK,
    ),
    entry(
        "Nhập kết quả xử lý",
        "09/03/2026",
        "2026-03-09",
        "Hạn 6 ngày làm việc",
        "Điều 8 bước 3, 4",
        standing=OK,
    ),
    entry("Lãnh đạo sửa và duyệt", "09/03/2026", "2026-03-09", "Hạn 1 ngày làm việc", "Điều 9", standing=OK),
    entry("Công khai", "10/03/2026", "2026-03-10", "Hạn 4 giờ làm việc", "Điều 10.1", standing=OK),
]
NEXT = [
    entry(
        "Kiểm tra, tiếp nhận và chuyển đến cơ quan xử lý",
        "Hạn: 09:20 thứ Hai 02/03/2026",
        "",
        "Hạn 2 giờ làm việc",
        "Điều 6.2, 7.2",
        future=True,
    ),
    entry("Cơ quan xác minh", "Trong 1 ngày làm việc", "", "", "Điều 8 bước 2", future=True),
    entry("Xử lý và trả lời", "Tối đa 6 ngày làm việc", "", "", "Điều 8 bước 3", future=True),
    entry(
        "Lãnh đạo duyệt, rồi công khai kết quả",
        "1 ngày, rồi 4 giờ làm việc",
        "",
        "",
        "Điều 9.2, 10.1",
        future=True,
    ),
]
WHY = {
    "text": "Phản ánh có ảnh hiện trường, gửi qua trang này ngày 02/03/2026, ở nơi thuộc tỉnh Quảng Nam trước ngày 01/7/2025. Văn bản của tỉnh cũ còn áp dụng trong địa giới cũ cho đến khi được thay.",
    "steps": [
        "Nơi: phường Tam Kỳ, trước đây thuộc thành phố Tam Kỳ, tỉnh Quảng Nam.",
        "Kênh: ứng dụng, có ảnh hiện trường.",
        "Quy chế: QN20, bản đang dùng số 1.",
    ],
    "article": "Luật số 64/2025/QH15, Điều 54.2 · QN20, Điều 1, Điều 4",
}

# --- the portal ------------------------------------------------------------------------------------------

ITEMS = [
    {
        "url": "/phan-anh/QN-7F3K",
        "title": "Nắp cống vỡ trước cổng trường tiểu học",
        "number": "QN-7F3K",
        "chips": [chip("Đã trả lời, đúng hạn", "ok")],
        "meta": "Giao thông – vận tải · phường Tam Kỳ · 02/03/2026",
        "segments": DONE,
        "ribbon_text": "Sở Xây dựng · dùng 5 trong 8 ngày làm việc",
    },
    {
        "url": "/phan-anh/QN-8H2M",
        "title": "Rác ùn đống cạnh chợ, mùi hôi không chịu nổi",
        "number": "QN-8H2M",
        "chips": [chip("Sắp đến hạn", "soon")],
        "meta": "Môi trường · xã Duy Nghĩa · 06/03/2026",
        "segments": NOW,
        "ribbon_text": "UBND xã Duy Nghĩa · hạn 16:40 hôm nay · Điều 8 bước 2",
    },
    {
        "url": "/phan-anh/QN-2C9T",
        "title": "Đèn tín hiệu giao thông ở ngã tư Phan Châu Trinh – Huỳnh Thúc Kháng – Nguyễn Hoàng chớp tắt liên tục suốt cả tuần",
        "number": "QN-2C9T",
        "chips": [chip("Quá hạn 2 ngày", "late")],
        "meta": "Giao thông – vận tải · phường Hương Trà · 25/02/2026",
        "segments": LATE,
        "ribbon_text": "Sở Xây dựng · hạn là hết ngày 05/03/2026 · Điều 8 bước 3",
    },
    {
        "url": "/phan-anh/QN-5Q1X",
        "title": "Phản ánh về môi trường, chưa công khai nội dung",
        "number": "QN-5Q1X",
        "chips": [chip("Đang trong hạn")],
        "meta": "Môi trường · đặc khu Hoàng Sa · 09/03/2026",
        "segments": FRESH,
        "ribbon_text": "Chờ tiếp nhận · hạn 10:05 ngày mai · Điều 6.2",
    },
]
CATEGORIES = [
    "Thông tin và Truyền thông",
    "Nông nghiệp – nông thôn",
    "Khoa học – công nghệ",
    "Sức khỏe",
    "Du lịch",
    "Giao thông – vận tải",
    "Điện",
    "Tài nguyên Nước",
    "Môi trường",
]


def filters(action: str, **more: Any) -> Vm:
    return {
        "action": action,
        "q": {"name": "q", "label": "Tìm theo nội dung, nơi hoặc mã phản ánh", "value": ""},
        "fields": [
            {
                "name": "linh-vuc",
                "label": "Lĩnh vực",
                "options": [option("", "Mọi lĩnh vực", selected=True), *[option(c, c) for c in CATEGORIES]],
            },
            {
                "name": "noi",
                "label": "Xã/phường/đặc khu",
                "options": [option("", "Mọi nơi", selected=True), option("20341", "Phường Tam Kỳ")],
            },
            {
                "name": "han",
                "label": "Hạn xử lý",
                "options": [
                    option("", "Tất cả", selected=True),
                    option("late", "Quá hạn"),
                    option("soon", "Sắp đến hạn"),
                ],
            },
        ],
        "clear_url": None,
        "active_text": "",
        "open": False,
        **more,
    }


HOME = {
    "title": "Thấy chỗ hư hỏng, xin báo một tiếng",
    "lead": "Mỗi phản ánh có mã riêng, có hạn trả lời theo quy chế, và ai cũng thấy việc đang ở đâu.",
    "figures_title": "90 ngày qua",
    "figures": [
        {"value": "96 %", "label": "Trả lời đúng hạn (412 trong 429)", "tone": "ok"},
        {"value": "58", "label": "Đang chờ, còn trong hạn", "tone": "brand"},
        {"value": "3", "label": "Đang quá hạn", "tone": "late"},
        {"value": "4,2 ngày", "label": "Thời gian trả lời trung vị", "tone": "idle"},
    ],
    "figures_cite": cite(
        "tính lúc 07:00 hôm nay",
        "Đúng hạn: trả lời trước hoặc đúng hạn, không tính gia hạn.",
        "Phản ánh giữ bí mật cũng được đếm.",
        "Đang quá hạn: hạn đã qua mà chưa có trả lời.",
        label="Cách đếm",
    ),
    "filters": filters("/"),
    "items": ITEMS,
    "count_text": "4 phản ánh, mới nhất trước",
    "empty": None,
    "pager": {"text": "Trang 1 trong 12", "previous_url": None, "next_url": "/?trang=2"},
    "withheld_text": "2 phản ánh không công khai: 1 giữ bí mật theo yêu cầu (Điều 10.2), 1 chưa duyệt nội dung.",
}
HOME_EMPTY = {
    **HOME,
    "items": [],
    "pager": None,
    "withheld_text": "",
    "count_text": "",
    "filters": filters(
        "/",
        clear_url="/",
        q={"name": "q", "label": "Tìm theo nội dung, nơi hoặc mã phản ánh", "value": "cột anten"},
    ),
    "empty": {
        "title": "Chưa có phản ánh nào như vậy",
        "text": "Xin thử ít chữ hơn hoặc bỏ lọc. Nếu chưa ai báo, Ông/Bà có thể là người đầu tiên.",
        "url": "/gui",
        "action": "Gửi phản ánh",
    },
}
CASE = {
    "title": "Nắp cống vỡ trước cổng trường tiểu học",
    "number": "QN-7F3K",
    "card_only": None,
    "chips": [chip("Đã trả lời, đúng hạn", "ok"), chip("Giao thông – vận tải")],
    "meta": "Phường Tam Kỳ · gửi ngày 02/03/2026 · Ẩn tên",
    "before": [BEFORE],
    "after": [AFTER],
    "after_missing": "Chưa có ảnh sau xử lý",
    "text": "Nắp cống trước cổng trường vỡ đôi mấy hôm nay. Trời tối, các cháu tan học rất nguy hiểm. Mong cơ quan thay sớm.",
    "text_note": "Đã biên tập để che thông tin riêng (Điều 10.1)",
    "ribbon": ribbon(
        DONE, "Dùng 5 trong 8 ngày làm việc", "Đã trả lời ngày 10/03/2026. Hạn là hết ngày 11/03/2026", "ok"
    ),
    "answer": ANSWER,
    "no_answer": "",
    "rating": {"label": "Hài lòng", "article": "Điều 11.2"},
    "timeline": TIMELINE,
    "why": WHY,
}
CASE_LATE = {
    **CASE,
    "title": ITEMS[2]["title"],
    "number": "QN-2C9T",
    "chips": [chip("Quá hạn 2 ngày", "late"), chip("Giao thông – vận tải")],
    "after": [],
    "answer": None,
    "rating": None,
    "no_answer": "Sở Xây dựng chưa trả lời. Việc quá hạn đã được báo đến lãnh đạo đơn vị.",
    "ribbon": ribbon(
        LATE, "Dùng 8 trong 8 ngày làm việc", "Quá hạn 2 ngày. Hạn xử lý: hết ngày 05/03/2026", "late"
    ),
    "timeline": [
        *TIMELINE[:3],
        entry(
            "Quá hạn xử lý",
            "05/03/2026, 17:00",
            "2026-03-05",
            "Hạn 6 ngày làm việc",
            "Điều 8 bước 3",
            standing=chip("Quá hạn", "late"),
        ),
        entry("Trả lời", "Chưa có", future=True, article="Điều 10"),
    ],
}
CASE_CARD = {
    **CASE,
    "title": "Phản ánh về môi trường",
    "number": "QN-5Q1X",
    "chips": [chip("Đang trong hạn"), chip("Môi trường")],
    "meta": "Xã Duy Nghĩa · gửi ngày 09/03/2026",
    "card_only": {
        "title": "Nội dung và ảnh không hiện ở đây",
        "text": "Người gửi yêu cầu giữ bí mật, hoặc nội dung chưa được duyệt để công khai (Điều 10.2). Các bước và hạn xử lý vẫn công khai để ai cũng theo dõi được.",
    },
    "ribbon": ribbon(FRESH, "Còn 1 giờ 42 phút để tiếp nhận", "Hạn tiếp nhận: 10:05 ngày 10/03/2026"),
    "answer": None,
    "rating": None,
    "timeline": [TIMELINE[0], *NEXT],
}
WITHDRAWN = {
    "title": "Phản ánh đã được gỡ khỏi Cổng",
    "number": "QN-3D8P",
    "on": "12/03/2026",
    "ground": "Ảnh có người không liên quan, người đó yêu cầu gỡ",
    "article": "Điều 10.3",
    "text": "Việc xử lý vẫn tiếp tục theo quy chế. Người gửi vẫn xem được phản ánh và trả lời bằng mã bí mật.",
}

# --- the citizen ------------------------------------------------------------------------------------------

REPORT = {
    "action": "/gui",
    "secret": "3f2a9c4e5b6d7f8091a2b3c4d5e6f708",
    "errors": [],
    "lat": "",
    "lon": "",
    "accuracy": "",
    "text": field(
        "text",
        "textarea",
        "Kể ngắn gọn",
        required=True,
        rows=5,
        maxlength=5000,
        hint="Ví dụ: Nắp cống trước số nhà 12 bị vỡ, xe máy dễ sụp. Không dấu cũng được.",
    ),
    "photos": {
        "name": "photos",
        "accept": "image/*",
        "hint": "Ảnh rõ chỗ đó giúp xử lý nhanh hơn. Tối đa 6 ảnh.",
        "error": None,
        "kept": [],
    },
    "commune": field(
        "commune",
        "select",
        "Xã/phường/đặc khu",
        required=True,
        options=[
            option("", "Chọn một nơi"),
            option("20341", "Phường Tam Kỳ"),
            option("20335", "Phường Hương Trà"),
            option("hs", "Đặc khu Hoàng Sa (TP. Đà Nẵng)"),
        ],
    ),
    "place": field(
        "place",
        "text",
        "Tả chỗ đó",
        required=True,
        maxlength=300,
        autocomplete="off",
        hint="Số nhà, tên đường, thôn, hoặc gần nơi nào. Tên cũ cũng được.",
    ),
    "happened": field("happened", "date", "Thấy ngày nào", hint="Để trống nếu là hôm nay."),
    "category": field(
        "category",
        "radio",
        "Chọn một lĩnh vực",
        required=True,
        options=[
            *[option(c, c) for c in CATEGORIES],
            option("other", "Khác / Không biết chọn gì", "Cán bộ sẽ chọn giúp.", selected=True),
        ],
    ),
    "helper_name": field("helper_name", "text", "Họ và tên người gửi hộ"),
    "helper_phone": field("helper_phone", "tel", "Số điện thoại người gửi hộ"),
    "helper_read": field("helper_read", "checkbox", "Tôi đã đọc lại cho người gửi nghe"),
    "place_shown": field(
        "place_shown",
        "radio",
        "Nơi hiện cho mọi người",
        plain=True,
        options=[option("commune", "Chỉ tên xã, phường", selected=True), option("exact", "Đúng chỗ")],
    ),
    "identity_note": "Cơ quan xử lý không thấy tên Ông/Bà, trừ khi mở và ghi lý do; Ông/Bà sẽ thấy ai đã mở.",
    "name": field(
        "reporter_name",
        "text",
        "Họ và tên, hoặc tên tổ chức",
        required=True,
        autocomplete="name",
        maxlength=120,
    ),
    "phone": field(
        "phone", "tel", "Số điện thoại", required=True, autocomplete="tel", inputmode="tel", maxlength=20
    ),
    "email": field("email", "email", "Thư điện tử", autocomplete="email", maxlength=200),
    "address": None,
    "visibility": field(
        "visibility",
        "radio",
        "Khi công khai, Ông/Bà muốn",
        required=True,
        options=[
            option(
                "hide-name",
                "Ẩn tên",
                "Nội dung, ảnh và trả lời công khai, không có tên Ông/Bà (Điều 5.4).",
                selected=True,
            ),
            option("show-name", "Cho hiện tên", "Tên Ông/Bà hiện cùng phản ánh."),
            option(
                "confidential",
                "Giữ bí mật, chỉ trả lời riêng tôi",
                "Chỉ công khai lĩnh vực, cơ quan và các hạn xử lý (Điều 10.2).",
            ),
        ],
    ),
    "undertaking": field("undertaking", "checkbox", "Tôi cam đoan nội dung đúng sự thật", required=True),
    "undertaking_cite": "Người gửi chịu trách nhiệm về tính trung thực, chính xác (QN20, Điều 5.3)",
}
_TEXT_ERROR, _PHONE_ERROR, _TICK_ERROR = (
    "Xin kể chuyện gì đang xảy ra.",
    "Số điện thoại thiếu 1 chữ số.",
    "Xin đánh dấu lời cam đoan trước khi gửi.",
)
_PHOTO_ERROR = "Không mở được ảnh này. Nội dung đã viết vẫn còn."
REPORT_ERRORS = {
    **REPORT,
    "lat": "15.57",
    "lon": "108.48",
    "accuracy": "12",
    "errors": [
        {"field": "text", "text": _TEXT_ERROR},
        {"field": "photos", "text": _PHOTO_ERROR},
        {"field": "phone", "text": _PHONE_ERROR},
        {"field": "undertaking", "text": _TICK_ERROR},
    ],
    "text": {**REPORT["text"], "error": _TEXT_ERROR},
    "phone": {**REPORT["phone"], "error": _PHONE_ERROR, "value": "090512345"},
    "undertaking": {**REPORT["undertaking"], "error": _TICK_ERROR},
    "name": {**REPORT["name"], "value": "Trần Thị Nguyệt Quế"},
    "photos": {
        **REPORT["photos"],
        "error": _PHOTO_ERROR,
        "kept": [
            {
                "id": "k1",
                "src": "/photos/truoc.jpg",
                "alt": "Ảnh 1 đã nhận",
                "name": "Ảnh 1",
                "size": "2,4 MB",
            }
        ],
    },
}
CODE = "7K2QF-M9XD3-0BTRW-5HJVA-1N8PC"
SENT = {
    "text": "Nội dung đã ở trên máy chủ lúc 07:20 thứ Hai 02/03/2026. Hạn xử lý bắt đầu tính từ lúc này.",
    "pending": "Đã gửi nội dung, còn 2 ảnh đang gửi",
    "number": "QN-7F3K",
    "code": CODE,
    "code_groups": CODE.split("-"),
    "file_name": "ma-bi-mat-QN-7F3K.txt",
    "file_text": f"Mã phản ánh: QN-7F3K\nMã bí mật: {CODE}\nXem tại: /theo-doi",
    "next": NEXT,
    "mine_url": "/theo-doi/cua-toi",
    "cite": cite(
        "QN20, Điều 6.2",
        "Gửi lúc 07:20 thứ Hai 02/03/2026, trong giờ làm việc (07:00 đến 17:00).",
        "Cộng 2 giờ làm việc.",
        "Kết quả: 09:20 cùng ngày.",
    ),
}
FOLLOW = {
    "action": "/theo-doi",
    "value": "",
    "error": None,
    "errors": [],
    "lost": [
        "Mã bí mật không lưu ở đâu ngoài chỗ Ông/Bà đã giữ: máy chủ cũng không đọc lại được.",
        "Xin gọi Trung tâm, đọc mã phản ánh và số điện thoại đã ghi khi gửi để hỏi tình hình. Phản ánh đã công khai thì ai cũng xem được bằng mã phản ánh.",
    ],
}
_CODE_ERROR = "Mã chưa đúng ở nhóm thứ 3."
IDENTITY = {
    "title": "Danh tính đã niêm",
    "text": "Tên và số điện thoại của Ông/Bà được niêm. Ai mở phải ghi lý do, và hiện ở đây.",
    "opened": [],
}
RATING_FORM = form(
    "/theo-doi/danh-gia",
    "Gửi đánh giá",
    [
        field(
            "rating",
            "radio",
            "Chọn một mức",
            required=True,
            options=[option("1", "Hài lòng"), option("2", "Chấp nhận được"), option("3", "Không hài lòng")],
        ),
        field("comment", "textarea", "Điều Ông/Bà muốn nói thêm", rows=3),
    ],
    cite="Ba mức theo Điều 11.2. Không đánh giá thì không tính là hài lòng.",
)
ASK = {
    "title": "Hỏi thêm về kết quả",
    "open": False,
    "form": form(
        "/theo-doi/hoi-them",
        "Gửi câu hỏi",
        [field("question", "textarea", "Ông/Bà muốn làm rõ điều gì?", required=True, rows=4)],
        cite="Điều 11.1",
    ),
}
MINE = {
    "title": "Nắp cống vỡ trước cổng trường tiểu học",
    "number": "QN-7F3K",
    "chips": [chip("Đã trả lời, đúng hạn", "ok"), chip("Ẩn tên")],
    "errors": [],
    "meta": "Gửi ngày 02/03/2026",
    "status": {
        "tone": "",
        "title": "Sở Xây dựng đã trả lời",
        "text": "Xin xem câu trả lời, rồi cho biết Ông/Bà có hài lòng không.",
        "article": "Điều 10.1, 11",
        "url": "#danh-gia",
        "action": "Đánh giá kết quả",
    },
    "supplement": None,
    "ribbon": CASE["ribbon"],
    "answers": [ANSWER],
    "photos": [BEFORE],
    "after": [AFTER],
    "pending": "",
    "rating": {"title": "Ông/Bà có hài lòng không?", "form": RATING_FORM, "given": "", "note": ""},
    "ask": ASK,
    "text": "Nap cong vo truoc cong truong, toi troi rat nguy hiem",
    "facts": [
        {"label": "Nơi", "value": "Trước cổng trường tiểu học, phường Tam Kỳ"},
        {"label": "Lĩnh vực", "value": "Giao thông – vận tải"},
        {"label": "Cơ quan xử lý", "value": "Sở Xây dựng"},
    ],
    "timeline": TIMELINE,
    "identity": {
        **IDENTITY,
        "opened": [
            {"who": "Sở Xây dựng", "when": "03/03/2026, 09:12", "why": "Gọi để hỏi đúng chỗ nắp cống"}
        ],
    },
    "number_label": "Mã phản ánh",
    "data": {
        "title": "Dữ liệu của tôi",
        "text": "Xem, sửa, hạn chế công khai hoặc xóa dữ liệu về Ông/Bà.",
        "url": "/theo-doi/cua-toi/du-lieu",
        "action": "Gửi yêu cầu về dữ liệu",
    },
    "close_url": "/theo-doi/dong",
}
SUPPLEMENT = {
    "photos": {
        "name": "photos",
        "accept": "image/jpeg,image/png",
        "hint": "Tối đa 10 ảnh.",
        "error": None,
        "kept": [],
    },
    "title": "Cơ quan hỏi thêm Ông/Bà",
    "text": "Xin cho biết nắp cống ở bên trái hay bên phải cổng trường, và kèm một ảnh rõ hơn nếu được.",
    "form": form(
        "/theo-doi/bo-sung",
        "Gửi bổ sung",
        [
            field("text", "textarea", "Trả lời của Ông/Bà", required=True, rows=4),
        ],
        cite="Hạn bổ sung: hết ngày 05/03/2026 · Điều 5.2, 6.1",
    ),
}
MINE_SUPPLEMENT = {
    **MINE,
    "chips": [chip("Chờ Ông/Bà bổ sung", "brand")],
    "status": {
        "tone": "",
        "title": "Đề nghị bổ sung thông tin",
        "text": "Trung tâm cần thêm thông tin để chuyển đúng cơ quan.",
        "article": "Điều 6.1",
        "url": "",
        "action": "",
    },
    "supplement": SUPPLEMENT,
    "ribbon": ribbon(FRESH, "Đang chờ Ông/Bà", "Hạn bổ sung: hết ngày 05/03/2026", "ink"),
    "answers": [],
    "after": [],
    "rating": None,
    "ask": None,
    "pending": "Đã gửi nội dung, còn 2 ảnh đang gửi",
    "timeline": [
        TIMELINE[0],
        entry(
            "Đề nghị bổ sung thông tin", "02/03/2026", "2026-03-02", "", "Điều 6.1", body=SUPPLEMENT["text"]
        ),
        *NEXT[1:],
    ],
    "identity": IDENTITY,
}
MINE_REFUSED = {
    **MINE_SUPPLEMENT,
    "chips": [chip("Không tiếp nhận")],
    "supplement": None,
    "pending": "",
    "status": {
        "tone": "plain",
        "title": "Trung tâm không tiếp nhận phản ánh này",
        "text": "Lý do: nội dung là tranh chấp dân sự giữa hai hộ. Ông/Bà có thể gửi đến UBND xã để hòa giải. Quy chế QN20 không có điều về từ chối; đây là quyết định của cán bộ tiếp nhận.",
        "article": "",
        "url": "",
        "action": "",
    },
    "ask": ASK,
    "timeline": TIMELINE[:1],
}

# --- the desk ------------------------------------------------------------------------------------------------

DESK_ITEMS = [
    {**ITEMS[2], "url": "/co-quan/vu/12", "meta": "Chiếu sáng · gửi 25/02 · chị Hoa đang giữ"},
    {
        **ITEMS[1],
        "url": "/co-quan/vu/15",
        "chips": [chip("16:40 hôm nay", "soon"), chip("Còn 2 ảnh đang gửi", "brand")],
        "meta": "Môi trường · gửi 06/03",
    },
    {
        **ITEMS[3],
        "url": "/co-quan/vu/18",
        "title": "Lấn chiếm vỉa hè để bán hàng, lần thứ 3",
        "chips": [chip("Hết ngày 11/03"), chip("Giữ bí mật")],
        "meta": "Trật tự đô thị · gửi 09/03",
    },
]
FIND = {
    "action": "/co-quan/",
    "name": "ma",
    "label": "Tìm theo mã phản ánh",
    "button": "Mở",
    "value": "QN-7K4MQ2",
    "none": "Không có phản ánh mang mã “QN-7K4MQ2” trong phạm vi được xem.",
}
QUEUE = {
    "find": FIND,
    "title": "Việc cần làm",
    "today": "Thứ Hai 09/03/2026, 14:20",
    "stats": [
        {"value": "3", "label": "Quá hạn", "tone": "late"},
        {"value": "7", "label": "Đến hạn hôm nay", "tone": "soon"},
        {"value": "24", "label": "Đang xử lý", "tone": "brand"},
        {"value": "96 %", "label": "Đúng hạn, không gia hạn (tháng)", "tone": "ok"},
    ],
    "tabs": [
        {"label": "Của tôi", "url": "?nhom=toi", "count": 8, "current": True},
        {"label": "Chưa ai giữ", "url": "?nhom=moi", "count": 3, "current": False},
        {"label": "Chờ duyệt", "url": "?nhom=duyet", "count": 2, "current": False},
        {"label": "Cả đơn vị", "url": "?nhom=tat-ca", "count": 34, "current": False},
    ],
    "filters": filters("/co-quan"),
    "items": DESK_ITEMS,
    "empty": None,
    "pager": {"text": "Trang 1 trong 2", "previous_url": None, "next_url": "?trang=2"},
}
QUEUE_EMPTY = {
    **QUEUE,
    "items": [],
    "pager": None,
    "stats": [],
    "filters": None,
    "empty": {
        "title": "Không còn việc nào chờ",
        "text": "Phản ánh mới chuyển đến sẽ hiện ở đây, việc gần hạn đứng trước.",
        "url": None,
        "action": "",
    },
}
DESK_CASE = {
    "title": "Rác ùn đống cạnh chợ, mùi hôi không chịu nổi",
    "number": "QN-8H2M",
    "back_url": "/co-quan",
    "back": "Việc cần làm",
    "chips": [chip("Sắp đến hạn, 16:40 hôm nay", "soon"), chip("Ẩn tên")],
    "meta": "Môi trường · xã Duy Nghĩa · gửi 06/03/2026 · qua trang này",
    "warning": "",
    "said_title": "Nội dung phản ánh",
    "about": None,
    "text": "Rác ùn đống cạnh chợ từ hôm qua, mùi hôi không chịu nổi. Xin cho xe đến dọn.",
    "pending": "Còn 2 ảnh đang gửi từ máy người dân. Còn 1 đoạn phim đang gửi từ máy người dân.",
    "films": {
        "title": "Phim và ghi âm của người gửi",
        "files": [{"name": "Đoạn phim 1", "url": "/co-quan/vu/1/ban-ghi/1", "size": "12,3 MB"}],
        "sealed": [
            "Đoạn ghi âm 1 (0,4 MB): người gửi không cho hiện tên, mà bản gốc có thể lộ người quay. "
            "Cần xem, xin hỏi Trung tâm Điều hành thông minh."
        ],
    },
    "photos": [photo("truoc", "Đống rác cạnh hàng rào chợ", "06/03/2026, 07:42", 800, 600), TALL],
    "after": [],
    "facts": [
        {"label": "Nơi", "value": "Cạnh chợ Nồi Rang, xã Duy Nghĩa"},
        {"label": "Vị trí", "value": "15,86031 · 108,38211 (sai số 12\u00a0m)"},
        {"label": "Thấy ngày", "value": "06/03/2026"},
    ],
    "senders": [
        {
            "title": "",
            "text": "Danh tính đã niêm.",
            "note": "",
            "open_url": "/co-quan/vu/15/mo-danh-tinh?no=1",
            "why_not": "",
            "opened": [],
        }
    ],
    "segments": NOW,
    "clocks": [
        {
            "label": "Xác minh",
            "due": "Hạn: 16:40 thứ Hai 09/03/2026",
            "standing": chip("Còn 2 giờ 20 phút", "soon"),
            "cite": cite(
                "Điều 8 bước 2",
                "Bắt đầu: 16:40 thứ Sáu 06/03/2026, khi phản ánh chuyển đến đơn vị.",
                "Cộng 1 ngày làm việc, bỏ qua thứ Bảy và Chủ nhật.",
                "Kết quả: 16:40 thứ Hai 09/03/2026.",
            ),
        }
    ],
    "offers": [
        offer("Tiếp nhận xử lý", "/co-quan/vu/15/accept", main=True, post=True),
        offer("Chuyển trả (không thuộc thẩm quyền)", "/co-quan/vu/15/return"),
        offer("Xin ý kiến chỉ đạo", "/co-quan/vu/15/ask"),
        offer("Trình duyệt", allowed=False, reason="chưa có kết quả xử lý", article="Điều 8 bước 4"),
        offer("Gia hạn", allowed=False, reason="quy chế này không có quyền gia hạn", article="Điều 8 bước 3"),
    ],
    "timeline": [
        TIMELINE[0],
        entry(
            "Đã tiếp nhận, phân phối đến UBND xã Duy Nghĩa",
            "06/03/2026, 16:40",
            "2026-03-06T16:40",
            "Hạn 2 giờ làm việc",
            "Điều 6.2, 7.2",
            standing=OK,
        ),
        entry(
            "Phân công cho chị Hoa",
            "09/03/2026, 07:31",
            "2026-03-09T07:31",
            staff=True,
            note="Không đổi hạn",
            body="Chị xem giúp, hôm qua bên môi trường đã có xe ở chợ.",
        ),
    ],
    "why": WHY,
}
_MOVE_BASE = {
    "case_title": DESK_CASE["title"],
    "case_url": "/co-quan/vu/15",
    "number": "QN-8H2M",
    "errors": [],
    "warnings": [],
}
_WHY_ERROR = "Xin ghi lý do chuyển trả."
MOVE = {
    **_MOVE_BASE,
    "title": "Chuyển trả (không thuộc thẩm quyền)",
    "lead": "Phản ánh trở lại Trung tâm để chuyển đến cơ quan khác.",
    "cite": cite("QN20, Điều 8 bước 2"),
    "errors": [{"field": "reason", "text": _WHY_ERROR}],
    "warnings": [{"text": "Đây là lần chuyển trả thứ hai. Trung tâm sẽ chốt đơn vị xử lý.", "tone": "plain"}],
    "form": form(
        "/co-quan/vu/15/return",
        "Chuyển trả",
        [
            field(
                "reason",
                "textarea",
                "Lý do",
                required=True,
                rows=4,
                hint="Người gửi thấy lý do này.",
                error=_WHY_ERROR,
            ),
            field(
                "agency",
                "select",
                "Đề xuất cơ quan xử lý",
                options=[option("", "Không đề xuất"), option("ct", "Sở Công Thương")],
            ),
            field("note", "textarea", "Ghi chú nội bộ", rows=2, hint="Chỉ cán bộ thấy."),
        ],
        cancel_url="/co-quan/vu/15",
    ),
}
MOVE_RESULT = {
    **_MOVE_BASE,
    "title": "Nhập kết quả xử lý",
    "lead": "Trả lời hiện theo mẫu Phụ lục 2.",
    "cite": cite("QN20, Điều 8 bước 4"),
    "form": form(
        "/co-quan/vu/15/result",
        "Lưu kết quả",
        [
            field(
                "answer",
                "textarea",
                "Trả lời cho Ông/Bà gửi phản ánh",
                required=True,
                rows=7,
                value="Ngày 09/03/2026, xe môi trường đã dọn sạch.",
            ),
            field(
                "after",
                "files",
                "Ảnh sau xử lý",
                accept="image/*",
                hint="Ảnh chụp cùng góc với ảnh phản ánh thì dễ so.",
            ),
            field("done_on", "date", "Xong ngày", required=True, value="2026-03-09"),
            field(
                "kind",
                "radio",
                "Kết quả",
                required=True,
                options=[
                    option("done", "Đã xử lý xong"),
                    option("plan", "Có kế hoạch xử lý", "Ghi rõ ngày trong trả lời."),
                ],
            ),
            field(
                "checked",
                "checkbox",
                "Tôi đã xem lại: trả lời không có tên, số điện thoại của người dân",
                required=True,
            ),
        ],
        cancel_url="/co-quan/vu/15",
    ),
}
LOGIN = {
    "errors": [],
    "help": "Quên mật khẩu? Xin gặp quản trị của cơ quan để được cấp lại.",
    "form": form(
        "/co-quan/dang-nhap",
        "Đăng nhập",
        [
            field("username", "text", "Tên đăng nhập", required=True, autocomplete="username"),
            field("password", "password", "Mật khẩu", required=True, autocomplete="current-password"),
        ],
    ),
}
LOGIN_WRONG = {
    **LOGIN,
    "errors": [{"field": "username", "text": "Tên đăng nhập hoặc mật khẩu chưa đúng."}],
    "form": form(
        "/co-quan/dang-nhap",
        "Đăng nhập",
        [
            field(
                "username",
                "text",
                "Tên đăng nhập",
                required=True,
                autocomplete="username",
                value="hoa.nt",
                error="Tên đăng nhập hoặc mật khẩu chưa đúng.",
            ),
            LOGIN["form"]["fields"][1],
        ],
    ),
}
ACCOUNT = {
    "errors": [],
    "facts": [
        {"label": "Tên", "value": "Nguyễn Thị Hoa"},
        {"label": "Cơ quan", "value": "Sở Xây dựng"},
        {"label": "Vai trò", "value": "Cán bộ xử lý"},
    ],
    "sessions": [
        {
            "device": "Chrome trên Windows",
            "seen": "Đang dùng, từ 07:30 hôm nay",
            "current": True,
            "end_url": None,
        },
        {
            "device": "Chrome trên Android",
            "seen": "Dùng lần cuối 08/03/2026, 19:02",
            "current": False,
            "end_url": "/co-quan/tai-khoan/phien/2",
        },
    ],
    "form": form(
        "/co-quan/tai-khoan/mat-khau",
        "Đổi mật khẩu",
        [
            field(
                "current", "password", "Mật khẩu đang dùng", required=True, autocomplete="current-password"
            ),
            field(
                "new",
                "password",
                "Mật khẩu mới",
                required=True,
                autocomplete="new-password",
                hint="Ít nhất 12 ký tự. Một câu dễ nhớ thì tốt hơn một chữ khó.",
            ),
        ],
    ),
}

SAMPLES: dict[str, tuple[str, Vm]] = {
    "home": ("public/home.html", {"home": HOME, "nav": citizen_nav(0), "site": {**SITE, "demo": True}}),
    "home-empty": ("public/home.html", {"home": HOME_EMPTY, "nav": citizen_nav(0)}),
    "case": ("public/case.html", {"case": CASE}),
    "case-late": ("public/case.html", {"case": CASE_LATE}),
    "case-card": ("public/case.html", {"case": CASE_CARD}),
    "withdrawn": ("public/withdrawn.html", {"withdrawn": WITHDRAWN}),
    "report": ("citizen/report.html", {"form": REPORT, "nav": citizen_nav(1)}),
    "here": ("citizen/mine_here.html", {"words": {"draft": "Đang viết dở"}, "nav": citizen_nav()}),
    "report-errors": ("citizen/report.html", {"form": REPORT_ERRORS, "nav": citizen_nav(1)}),
    "sent": ("citizen/sent.html", {"sent": SENT}),
    "follow": ("citizen/follow.html", {"follow": FOLLOW, "nav": citizen_nav(2)}),
    "follow-error": (
        "citizen/follow.html",
        {
            "follow": {
                **FOLLOW,
                "value": "7K2QF-M9XD3-0BTRX-5HJVA-1N8PC",
                "error": _CODE_ERROR,
                "errors": [{"field": "code", "text": _CODE_ERROR}],
            },
            "nav": citizen_nav(2),
        },
    ),
    "mine": ("citizen/mine.html", {"mine": MINE}),
    "mine-rated": (
        "citizen/mine.html",
        {
            "mine": {
                **MINE,
                "status": {**MINE["status"], "text": "Cám ơn Ông/Bà đã đánh giá.", "url": "", "action": ""},
                "ribbon": ribbon(LAST, "Đang biên tập", "Hạn công khai: 15:00 ngày 10/03/2026"),
                "rating": {
                    "title": "Ông/Bà có hài lòng không?",
                    "form": None,
                    "given": "Chấp nhận được",
                    "note": "Gửi ngày 11/03/2026 · Điều 11.2",
                },
                "ask": {**ASK, "open": True},
            }
        },
    ),
    "mine-supplement": ("citizen/mine.html", {"mine": MINE_SUPPLEMENT}),
    "mine-refused": ("citizen/mine.html", {"mine": MINE_REFUSED}),
    "login": ("agency/login.html", {**DESK, "login": LOGIN, "nav": [], "logout_url": None, "site": SITE}),
    "login-wrong": (
        "agency/login.html",
        {**DESK, "login": LOGIN_WRONG, "nav": [], "logout_url": None, "site": SITE},
    ),
    "queue": ("agency/queue.html", {**DESK, "queue": QUEUE}),
    "queue-empty": ("agency/queue.html", {**DESK, "queue": QUEUE_EMPTY}),
    "desk-case": (
        "agency/case.html",
        {**DESK, "case": DESK_CASE, "flashes": [("message", "Đã phân công cho chị Hoa.")]},
    ),
    "desk-case-idle": (
        "agency/case.html",
        {
            **DESK,
            "case": {
                **DESK_CASE,
                "segments": DONE,
                "after": [AFTER],
                "offers": [],
                "pending": "",
                "clocks": [],
                "senders": [
                    {
                        **DESK_CASE["senders"][0],
                        "opened": [
                            "Đã mở lúc 09/03/2026, 09:12: Trần Thị Hoa, cán bộ tiếp nhận, Trung tâm IOC. "
                            "Liên hệ người gửi (Điều 6.1, 11.3)."
                        ],
                    }
                ],
            },
        },
    ),
    "move": ("agency/move.html", {**DESK, "move": MOVE}),
    "move-result": ("agency/move.html", {**DESK, "move": MOVE_RESULT}),
    "account": ("agency/account.html", {**DESK, "account": ACCOUNT}),
    **{f"error-{code}": (f"errors/{code}.html", {}) for code in (400, 403, 404, 410, 413, 429, 503)},
    "error-409": (
        "errors/409.html",
        {
            **DESK,
            "problem": {
                "text": "Chị Hoa vừa sửa lúc 9:12.",
                "url": "/co-quan/vu/15",
                "action": "Xem chỗ khác nhau",
                "reference": "",
            },
        },
    ),
    "error-500": (
        "errors/500.html",
        {"problem": {"text": "", "url": "", "action": "", "reference": "5F21-09AC"}},
    ),
    "offline": ("errors/offline.html", {}),
}

NOTICE = {
    "number": "QN-7F3K",
    "url": "https://hoidap.quangnam.gov.vn/theo-doi",
    "receiver": "Trung tâm IOC Quảng Nam",
    "agency": "Sở Xây dựng",
    "due": "Hạn xử lý: hết ngày 11/03/2026",
    "article": "QN20, Điều 8 bước 3",
    "label": "Không tiếp nhận",
    "ground": "không đủ thông tin để xác định địa điểm",
    "category": "Giao thông – vận tải",
    "commune": "phường Tam Kỳ",
    "step": "Xử lý",
}
