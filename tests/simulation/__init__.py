"""The whole service against both emulators in one process, on virtual time, from one seed."""
