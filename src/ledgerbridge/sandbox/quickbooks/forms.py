"""What is done with a form beside its bookkeeping: sent by e-mail, printed, linked for payment."""

from __future__ import annotations

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, missing
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body
from ledgerbridge.sandbox.quickbooks.times import stamp

SENDABLE = (
    "Invoice",
    "Estimate",
    "SalesReceipt",
    "CreditMemo",
    "RefundReceipt",
    "PurchaseOrder",
    "Payment",
)
PRINTABLE = SENDABLE
EMAIL_FIELDS = {"PurchaseOrder": "POEmail"}
LINK = "https://pay.example.com/invoices"
ONLINE = ("AllowOnlineCreditCardPayment", "AllowOnlineACHPayment", "AllowIPNPayment")


def send(books: Books, record: Record, send_to: str | None) -> None:
    """
    Marks a form as sent; nothing leaves the emulator. Its time moves, its SyncToken mostly not.

    Raises Refused: 2020 where no address is known, 4002 for one that is none.
    """
    field = EMAIL_FIELDS.get(record.entity, "BillEmail")
    address = send_to or record.body.get(field, {}).get("Address")
    if not address:
        raise missing("sendTo" if record.entity == "Payment" else field)
    if any("@" not in part or "." not in part for part in address.split(",")):
        detail = "QueryProcessingError: To email address entered is invalid"
        raise Refused("4002", detail, type_="Service")
    sent: Body = {}
    if record.entity != "Payment":
        delivery = {"DeliveryType": "Email", "DeliveryTime": stamp(books.moment)}
        sent = {"EmailStatus": "EmailSent", field: {"Address": address}}
        if record.entity != "PurchaseOrder":
            sent["DeliveryInfo"] = delivery
    bumps = books.switches.send_bumps_token
    books.change(record, {**record.body, **sent}, "Emailed", bumps=bumps)


def invoice_link(books: Books, record: Record, *, asked: bool) -> str | None:
    """Where the buyer could pay, or None: there must be an address, and unasked online payment."""
    body = record.body
    if record.entity != "Invoice" or not body.get("BillEmail"):
        return None
    unasked = books.switches.invoice_link_unasked and any(body.get(name) for name in ONLINE)
    return f"{LINK}/{record.id}" if asked or unasked else None


def pdf(record: Record) -> bytes:
    """One page that names the form: a valid file, no likeness of the vendor's."""
    body = record.body
    title = f"{record.entity} {body.get('DocNumber', record.id)}: {body.get('TotalAmt', 0)}"
    text = title.encode("latin-1", "replace").replace(b"\\", b"").translate(None, b"()")
    stream = b"BT /F1 18 Tf 72 720 Td (" + text + b") Tj ET"
    fonts = b"/Resources<</Font<</F1 5 0 R>>>>"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R%s>>" % fonts,
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    content, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return (
        content
        + tail
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (
            size,
            len(content),
        )
    )
