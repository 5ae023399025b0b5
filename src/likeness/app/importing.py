"""Imports by upload, wired for a server process."""

from likeness.app.pictures import picture_workers
from likeness.app.service import Service
from likeness.imports.people_import import PeopleImport
from likeness.imports.photo_import import PhotoImport
from likeness.imports.undoing import Undoing
from likeness.imports.uploading import Uploading


def uploading_of(service: Service) -> Uploading:
    """What takes files and works on them, one at a time in this process.

    One picture worker is left to people's own uploads where there are several; where there is one,
    the waiting room has all of an import stand in one line beside those of people.
    """
    at_once = max(1, picture_workers(service.config) - 1)
    return Uploading(
        database=service.database,
        blobs=service.blobs,
        people=PeopleImport(service.database, service.clock),
        photos=PhotoImport(service.database, service.offers, service.clock, at_once),
        clock=service.clock,
        folder=service.config.data,
        length_max=service.config.import_bytes_max,
    )


def undoing_of(service: Service) -> Undoing:
    """What takes imports back."""
    return Undoing(service.database, service.offers, service.clock)
