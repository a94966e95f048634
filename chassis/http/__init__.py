"""The HTTP face: services declare routes with Router, Body and View; whoever starts them calls http_app."""

from chassis.http.app import http_app, product_version
from chassis.http.bodies import Body, View
from chassis.http.conditions import IfMatch, StaleRecord, etag
from chassis.http.face import Face
from chassis.http.route import RawBody, Route, Router
from chassis.http.trail import API, MIB
from chassis.http.work import Refused, Reply

__all__ = [
    "API",
    "MIB",
    "Body",
    "Face",
    "IfMatch",
    "RawBody",
    "Refused",
    "Reply",
    "Route",
    "Router",
    "StaleRecord",
    "View",
    "etag",
    "http_app",
    "product_version",
]
