"""
The words of app events: what an app tells on the timeline of a deal.

An event has an id of the sender's own, is taken once, and can be neither changed, nor deleted, nor
read. Its other fields are properties by the names that its type gives them.
"""

from __future__ import annotations

APP_EVENTS = "app_events"
EVENT_ID, EVENT_TYPE, DEAL_ID, ENTRY = "event_id", "event_type", "deal_id", "entry"
TOLD, CORRECTED, WITHDRAWN = "payment", "correction", "withdrawal"
"""The values of `entry`: what an event is to the payment that it speaks of."""
