"""The version of derive: equal versions make equal papers."""

VERSION = "0.1.0"
