"""Public photos: by the exact name a published case gives, with headers of their own."""

from tests.cast import photo
from webapp.store import models


def published_photo(town):
    receipt = town.to_approved(photos=[town.kept(photo())])
    town.redraw()
    with town.house.store.reader() as session:
        id = session.query(models.Photo.id).filter_by(case_id=receipt.case_id).scalar()
    town.publish(receipt.case_id, [id])
    with town.house.store.public() as session:
        return session.query(models.PubPhoto).filter_by(code=receipt.number).one().name


def test_photo_comes_with_its_own_headers(town, reader):
    response = reader.get(f"/anh/{published_photo(town)}")
    assert response.mimetype == "image/jpeg"
    assert response.data[:2] == b"\xff\xd8"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_only_names_in_the_table(town, reader):
    name = published_photo(town)
    unlisted = town.house.public_media.put(b"not published", suffix=".jpg")
    for wrong in (unlisted, name.upper(), name[:-4], "..", name.replace(".jpg", ".bin")):
        reader.get(f"/anh/{wrong}", 404)


def test_a_lost_file_is_not_found(town, reader):
    name = published_photo(town)
    town.house.public_media.delete(name)
    reader.get(f"/anh/{name}", 404)
