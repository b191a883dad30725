"""What was handed in, recognised: a story folder, a folder of them, a single file, or a zip of any of these.

Nothing here trusts a name: no link is followed, no path leaves its folder, and a zip is unpacked into a folder of its
own while its real bytes are counted.
"""

from __future__ import annotations

import re
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from campaign.config.values import Wrong
from campaign.errors import Problem, StoryError

STORY = "story.md"
MOST_FILES = 200
MOST_BYTES = 100 * 1024 * 1024
MOST_RATIO = 100  # unpacked to packed; texts and photos stay far below it
RATIO_FROM = 1024 * 1024  # bytes; less than this harms nobody
DEEPEST = 4  # folders inside folders
JUNK = re.compile(r"^(\..*|~.*|__MACOSX|Thumbs\.db|desktop\.ini)$", re.IGNORECASE)
NO_STORIES = re.compile(r"^(README|LICEN[CS]E|CHANGELOG)\b.*", re.IGNORECASE)
TRANSLATED = re.compile(r"^(?P<stem>.+)\.(?P<language>[a-z]{2}(-[A-Z]{2})?)\.md$")
ARCHIVES = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz"}
CODE_PAGES = ("cp852", "cp850", "cp1250", "cp1252", "cp437")  # what zips of European Windows machines use

PASTE_TEXT = "Paste its text into a file story.md, between and below the --- lines; `campaign story new` makes one."
LATER = "Take it out and hand in a photo; videos come with a later version."
UNREADABLE_KINDS = {
    **dict.fromkeys((".docx", ".doc", ".odt", ".rtf"), ("is a Word document, which cannot be read yet", PASTE_TEXT)),
    **dict.fromkeys((".pages", ".pdf"), ("is a finished document, which cannot be read", PASTE_TEXT)),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".wmv"), ("is a video", LATER)),
    **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".tgz"), ("is a packed file of another kind", "Pack it as a zip.")),
}


@dataclass(frozen=True)
class Found:
    """A photo that lies in the bundle, under the name the story gives it."""

    name: str
    path: Path


@dataclass(frozen=True)
class Bundle:
    """The files of one story."""

    folder: Path
    main: Path
    name: str  # of the folder or file: the slug, unless the story gives one
    shown: str  # how messages call the folder; empty for a single file

    def label(self, path: Path) -> str:
        """Return how messages call a file of the bundle."""
        inside = path.relative_to(self.folder).as_posix()
        return f"{self.shown}/{inside}" if self.shown else inside

    def translations(self) -> list[tuple[str, Path]]:
        """Return (language as named, file) of each translation beside the story, by language."""
        found = []
        for path in sorted(self.folder.iterdir()):
            match = TRANSLATED.match(path.name)
            if match and match["stem"] == self.main.stem and path.is_file() and not path.is_symlink():
                found.append((match["language"], path))
        return found

    def find(self, name: str) -> Found:
        """Return a file that the story names.

        Raises:
            Wrong: there is none, or the name leads out of the bundle.
        """
        wanted = PurePosixPath(name)
        if "\\" in name or ":" in name:
            raise Wrong(name, "is not a file's name", "Write it as photo.jpg or photos/photo.jpg.")
        if wanted.is_absolute() or ".." in wanted.parts:
            raise Wrong(name, "leads out of the story's folder", "Put the photo beside the story file.")
        if wanted.suffix.lower() in UNREADABLE_KINDS:
            raise Wrong(name, *UNREADABLE_KINDS[wanted.suffix.lower()])
        path = self.folder
        for part in wanted.parts:
            path = self._step(path, part, name)
        if not path.is_file():
            raise Wrong(name, "is not a file", "Name the photo itself.")
        return Found(unicodedata.normalize("NFC", name), path)

    def _step(self, folder: Path, part: str, name: str) -> Path:
        """Return the entry of `folder` called `part`, however its letters were stored."""
        entries = sorted(folder.iterdir()) if folder.is_dir() else []
        path = next((entry for entry in entries if part in _spellings(entry.name)), None)
        if path is None:
            alike = [entry.name for entry in entries if entry.name.lower() == part.lower()]
            others = [entry.name for entry in entries if entry.suffix != ".md" and not JUNK.match(entry.name)]
            lying = f"Beside the story lie: {', '.join(others)}." if others else "No photo lies beside the story."
            raise Wrong(name, "is not there", f'There is "{alike[0]}": write it the same way.' if alike else lying)
        if path.is_symlink():
            raise Wrong(name, "is a link", "Put the file itself there.")
        return path

    def unused(self, used: set[Path]) -> list[str]:
        """Return the names of the story folder's files that nothing named, to be told; none for a single file."""
        if not self.shown:
            return []
        mine = {self.main, *used, *(path for _, path in self.translations())}
        entries = (path for path in sorted(self.folder.iterdir()) if not path.is_dir() and not JUNK.match(path.name))
        return [path.name for path in entries if path not in mine]


@contextmanager
def opened(path: Path) -> Iterator[list[Bundle]]:
    """Give the stories in what was handed in; those of a zip lie in a temporary folder meanwhile.

    Raises:
        StoryError: there is none in it, or a zip is unsafe or broken.
    """
    name = path.name
    if path.is_symlink():
        raise refused(name, "this is a link.", "Hand in the file or folder itself.")
    if not path.exists():
        raise refused(name, "this is not there.", "Look at the spelling of the path.")
    if path.is_dir():
        yield _in_folder(path.resolve(), path.resolve().name)
    elif path.name == STORY:
        folder = path.resolve().parent
        yield [Bundle(folder, folder / STORY, folder.name, folder.name)]
    elif path.suffix.lower() == ".md":
        yield [_single(path.absolute(), "")]
    elif path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory(prefix="campaign-") as place:  # readable by nobody else
            folder = Path(place).resolve()
            unpack(path, folder)
            yield _in_folder(folder, name, called=path.stem)
    else:
        raise _no_story(path)


def refused(where: str, what: str, remedy: str) -> StoryError:
    """Return the error of something that cannot be taken in at all."""
    return StoryError([Problem(where, what, remedy)])


def _in_folder(folder: Path, shown: str, called: str = "") -> list[Bundle]:
    """Return the stories of a folder: itself, or those inside.

    Raises:
        StoryError: there is none.
    """
    found = list(_stories(folder, shown, called or folder.name, DEEPEST))
    if found:
        return found
    entries = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in UNREADABLE_KINDS]
    what, remedy = _about(entries[0]) if entries else ("", "Put a file story.md into the folder of each story.")
    raise refused(shown, f"there is no story.md in it{what and ', and ' + what}.", remedy)


def _stories(folder: Path, shown: str, name: str, levels: int) -> Iterator[Bundle]:
    if (folder / STORY).is_file() and not (folder / STORY).is_symlink():
        yield Bundle(folder, folder / STORY, name, shown)
        return
    for path in sorted(folder.iterdir()):
        if JUNK.match(path.name) or path.is_symlink():
            continue
        if path.is_dir() and levels:
            yield from _stories(path, f"{shown}/{path.name}", path.name, levels - 1)
        elif path.suffix.lower() == ".md" and not NO_STORIES.match(path.name) and not _is_translation(path):
            yield _single(path, shown)


def _single(path: Path, shown: str) -> Bundle:
    return Bundle(path.parent, path, path.stem, shown)


def _is_translation(path: Path) -> bool:
    match = TRANSLATED.match(path.name)
    return match is not None and path.with_name(f"{match['stem']}.md").exists()


def _no_story(path: Path) -> StoryError:
    if path.suffix.lower() in UNREADABLE_KINDS:
        _, remedy = _about(path)
        return refused(path.name, f"this {UNREADABLE_KINDS[path.suffix.lower()][0]}.", remedy)
    remedy = "Hand in a folder with story.md and its photos, the zip of one, or a single .md file."
    return refused(path.name, "this is no story.", remedy)


def _about(path: Path) -> tuple[str, str]:
    what, remedy = UNREADABLE_KINDS[path.suffix.lower()]
    return f"{path.name} {what}", remedy


def _spellings(stored: str) -> set[str]:
    """Return how a stored name may have been meant: letters composed, and a zip's wrong code page undone."""
    found = {unicodedata.normalize("NFC", stored)}
    for page in CODE_PAGES[1:]:
        try:
            found.add(unicodedata.normalize("NFC", stored.encode(CODE_PAGES[0]).decode(page)))
        except UnicodeError:
            continue
    return found


def unpack(path: Path, folder: Path) -> None:
    """Unpack a zip into an empty folder.

    Raises:
        StoryError: it is broken, encrypted, too large, or holds what does not belong into one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _unpack_all(archive, path, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        remedy = "Pack it again, and look whether it opens on your own computer."
        raise refused(path.name, "the zip is damaged and cannot be unpacked.", remedy) from error


def _unpack_all(archive: zipfile.ZipFile, path: Path, folder: Path) -> None:
    members = [(member, _name(member)) for member in archive.infolist() if not member.is_dir()]
    for member, name in members:
        _check_member(member, name, f"{path.name}/{name}")
    files = [(member, name) for member, name in members if not any(map(JUNK.match, name.split("/")))]
    if len(files) > MOST_FILES:
        remedy = "Hand in fewer stories at a time."
        raise refused(path.name, f"the zip has {len(files)} files, {MOST_FILES} are possible.", remedy)
    seen: set[str] = set()
    for _, name in files:
        if name.casefold() in seen:
            raise refused(f"{path.name}/{name}", "this name is in the zip twice.", "Pack it again.")
        seen.add(name.casefold())
    total = 0
    for member, name in files:
        total += _unpack_one(archive, member, folder / name, MOST_BYTES - total, path.name)
        if total > RATIO_FROM and total > MOST_RATIO * path.stat().st_size:
            raise refused(path.name, "the zip unpacks to far more than it should.", "Pack it again from the originals.")


def _unpack_one(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, room: int, shown: str) -> int:
    """Unpack one file, counting what really comes out, whatever the zip says of its size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as source, target.open("xb") as file:
        while piece := source.read(256 * 1024):
            written += len(piece)
            if written > room:
                what = f"the zip unpacks to more than {MOST_BYTES // 1024**2} MB."
                raise refused(shown, what, "Hand in fewer stories at a time, or smaller photos.")
            file.write(piece)
    return written


def _check_member(member: zipfile.ZipInfo, name: str, shown: str) -> None:
    """Refuse what a story's zip never needs."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    parts = name.split("/")
    if "\\" in name or ":" in name or name.startswith("/") or {"", ".", ".."} & set(parts):
        raise refused(shown, "this name leads out of the zip.", "Pack the folder again with your computer's own zip.")
    if kind not in (0, stat.S_IFREG):
        raise refused(shown, "this is a link or a device.", "Put the file itself into the zip.")
    if member.flag_bits & 0x1:
        raise refused(shown, "this is encrypted.", "Pack it again without a password.")
    if PurePosixPath(name).suffix.lower() in ARCHIVES:
        raise refused(shown, "this is a packed file inside the zip.", "Unpack it first, then pack all once.")
    if any(ord(sign) < 32 for sign in name) or any(len(part.encode()) > 240 for part in parts):
        raise refused(shown, "this name is too long or has control characters.", "Give the file a short name.")


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name as its maker saw it: UTF-8 where it is, else a Central European code page.

    zipfile reads names without the UTF-8 flag as cp437 (APPNOTE 4.4.4, appendix D), which few machines mean.
    """
    if member.flag_bits & 0x800:
        return member.filename
    raw = member.orig_filename.encode("cp437")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(CODE_PAGES[0])
