"""The demo: a town's worth of invented people, reports and answers, and as many more as a test of size needs."""
