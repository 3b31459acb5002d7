from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.up import tree
from config.up.tree import LaunchError, Tree, fits_a_socket, socket_folder


@pytest.fixture
def short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the short folders go, instead of /tmp itself."""
    monkeypatch.setattr(tree, "SHORT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("folder", ["/home/ann/" + "deep/" * 20, "/home/ann/My Code", "/a,b"])
def test_refuses_a_folder_that_no_socket_path_fits_in(folder: str) -> None:
    assert not fits_a_socket(Path(folder))


def test_takes_the_folder_it_was_given_where_it_fits() -> None:
    assert socket_folder(Path("/srv/x/run"), name="n", uid=os.geteuid()) == Path("/srv/x/run")


def test_makes_a_private_short_folder_otherwise(short: Path) -> None:
    found = socket_folder(Path("/with space"), name="firstcall-1", uid=os.geteuid())
    assert found == short / "firstcall-1"
    assert found.stat().st_mode & 0o777 == 0o700


def test_refuses_a_short_folder_that_others_may_enter(short: Path) -> None:
    (short / "firstcall-1").mkdir()
    (short / "firstcall-1").chmod(0o755)
    with pytest.raises(LaunchError, match="belongs to somebody else"):
        socket_folder(Path("/with space"), name="firstcall-1", uid=os.geteuid())


def test_refuses_a_link_in_place_of_the_short_folder(short: Path) -> None:
    (short / "elsewhere").mkdir(mode=0o700)
    (short / "firstcall-1").symlink_to(short / "elsewhere")
    with pytest.raises(LaunchError):
        socket_folder(Path("/with space"), name="firstcall-1", uid=os.geteuid())


def test_two_checkouts_have_two_names() -> None:
    assert Tree(Path("/a")).name != Tree(Path("/b")).name
