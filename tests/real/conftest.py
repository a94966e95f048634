"""The real files, where they are."""

from pathlib import Path

import pytest

from tests.real.olist import FILE, data_folder


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with the real files; the test is skipped where there are none."""
    folder = data_folder()
    if folder is None:
        pytest.skip(f"no {FILE}: neither RELATA_TEST_DATA nor a folder shared/data beside the repository has it")
    return folder
