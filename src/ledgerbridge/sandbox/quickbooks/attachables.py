"""
Attachables: notes, links and files hung on transactions and lists.

A file comes as multipart: `file_metadata_01` is the record in JSON, `file_content_01` the file.
Clients end lines with or without a carriage return, and send files as they are or in base64.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule, missing
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body, normalised

PARTS_MAX = 200

_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,100})', re.IGNORECASE)
_HEAD_END = re.compile(rb"(\r?\n)\r?\n")
_BASE64 = re.compile(rb"(?im)^content-transfer-encoding:\s*base64")
_NAME = re.compile(rb'name="([A-Za-z_]{1,40}?)_?(\d{1,4})"')


@dataclass(frozen=True, slots=True)
class Upload:
    """One file sent, with the JSON that describes it (or none)."""

    metadata: bytes
    content: bytes | None
    content_type: str
    file_name: str


def prepared(books: Books, body: Body, old: Body | None) -> Body:
    """An attachable as kept. Raises Refused: 6000 where it hangs on something unknown."""
    if "Note" not in body and "FileName" not in body:
        raise missing("Note")
    references = []
    for reference in body.get("AttachableRef", ()):
        target = reference.get("EntityRef")
        if target:
            entity, id_ = str(target.get("type", "")), str(target["value"])
            table = next((name for name in ENTITIES if name.lower() == entity.lower()), None)
            if table is None or books.find(table, id_) is None:
                shown = f"{entity[:40]} {id_[:40]}"
                raise broken_rule(
                    f"The entity {shown} that you are trying to link does not exist. {shown}"
                )
        references.append(normalised("AttachableRef", {"IncludeOnSend": False, **reference}))
    return {**body, "AttachableRef": references} if references else body


def keep_file(books: Books, record: Record, content: bytes, realm_id: str) -> None:
    """Keeps a file, and tells in its record where it can be fetched and how large it is."""
    books.files[record.id] = content
    path = f"/v3/company/{realm_id}/download/{record.id}"
    address = f"https://files.example.com{path}?X-Amz-Expires=900"
    told = {"FileAccessUri": path, "TempDownloadUri": address, "Size": len(content)}
    books.store("Attachable", {**record.body, **told})


def uploads(content_type: str, body: bytes) -> list[Upload]:
    """The files of a multipart body. Raises Refused (2010) where it is none, 2020 without files."""
    found = _BOUNDARY.search(content_type)
    if found is None or "multipart/form-data" not in content_type.lower():
        detail = f"Operation with content type {content_type[:60] or 'none'} is not supported."
        raise Refused("500", detail, status=415)
    metadata: dict[str, bytes] = {}
    files: dict[str, tuple[bytes, bytes]] = {}
    for part in body.split(b"--" + found[1].encode())[1 : PARTS_MAX + 1]:
        head, content = _head_and_content(part)
        name = _NAME.search(head)
        if name and name[1] == b"file_metadata":
            metadata[name[2].decode()] = content
        elif name and name[1] == b"file_content":
            files[name[2].decode()] = (head, content)
    if not files and not metadata:
        raise missing("file_content_01")
    return [
        _upload(metadata.get(number, b""), files.get(number))
        for number in dict.fromkeys((*metadata, *files))
    ]


def _head_and_content(part: bytes) -> tuple[bytes, bytes]:
    """The two halves of a part, the second decoded. Raises Refused (2010) for wrong base64."""
    part = part.removeprefix(b"\r").removeprefix(b"\n")
    end = _HEAD_END.search(part)
    if end is None:
        return part, b""
    head, content = part[: end.start()], part[end.end() :].removesuffix(end[1])
    if _BASE64.search(head) is None:
        return head, content
    try:
        return head, base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        raise Refused("2010", "Property Name:file_content specified is no base64") from None


def _upload(metadata: bytes, file: tuple[bytes, bytes] | None) -> Upload:
    if file is None:
        return Upload(metadata, None, "", "")
    head, content = file
    kind = re.search(rb"(?im)^content-type:\s*([\w.+/-]{1,100})", head)
    name = re.search(rb'filename="([^"]{1,255})"', head)
    return Upload(
        metadata,
        content,
        kind[1].decode() if kind else "application/octet-stream",
        name[1].decode("utf-8", "replace") if name else "file",
    )
