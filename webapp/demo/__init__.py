"""The demo: invented people, reports and answers, a town's worth or a million."""
