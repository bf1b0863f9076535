"""Whatever opens a file to read lies behind the one way in, `segpaint.core.reading`; so must what is added."""

import ast
from pathlib import Path

import pytest

import segpaint

PACKAGE = Path(segpaint.__file__).parent
WAY_IN = "core/reading.py"
OPENERS = {
    "av.open", "gzip.open", "h5py.File", "Image.open", "io.open", "json.load", "load_file",
    "nibabel.load", "np.fromfile", "np.genfromtxt", "np.load", "np.loadtxt", "np.memmap", "open", "os.fdopen",
    "os.open", "pickle.load", "QFile", "QImageReader", "QMovie", "QSettings", "safe_open", "shelve.open",
    "tarfile.open", "tomllib.load", "torch.load", "wave.open", "zipfile.ZipFile",
}  # fmt: skip
"""Functions that open a file by its path, or read one that is open."""
METHODS = {"from_pretrained", "loadFromData", "read_bytes", "read_text", "setSource"}
"""Methods that read a file, whatever they belong to."""
PICTURES = {"QIcon", "QImage", "QPixmap"}
"""They read a file if they are given its name."""
BASICS = {
    "check_regular", "look_at", "open_picture", "open_regular", "read_array", "read_bytes", "read_json",
    "read_model", "read_text",
}  # fmt: skip
"""They bound what is read, and raise what readers turn into sentences."""
EXCEPTIONS = {
    ("app.py", "_application"): "the icon comes along with the program",
    (
        "core/files.py",
        "write_together",
    ): "copies a file; its errors name the one written",
    ("core/leftovers.py", "create"): "makes a file",
    ("core/leftovers.py", "_claimed"): "locks a file, and reads nothing",
    ("core/whole_folders.py", "write_new"): "makes a file",
    ("core/requests/frozen.py", "_freeze"): "pixels inside a file that a reader has read",
    ("gui/window/guide_window.py", "read_guide"): "the guide comes along with the program",
    ("io/volume_files/volume_writers.py", "encode_volume"): "its own file",
    ("paths.py", "read_resource"): "resources come along with the program",
    ("studio/base/preferences.py", "_open"): "of no file",
}
"""Functions that open files by themselves, and why they may."""


def modules():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).as_posix() != WAY_IN]


def functions(tree):
    """Yield each outermost function or method, and the module's own lines, with all calls inside."""
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node not in inside:
            inside.update(ast.walk(node))
            yield node, [one for one in ast.walk(node) if isinstance(one, ast.Call)]
    yield None, [one for one in ast.walk(tree) if isinstance(one, ast.Call) and one not in inside]


def modes(call):
    """Yield the words of a call that can be the mode of a file."""
    for word in (*call.args, *(key.value for key in call.keywords)):
        if isinstance(word, ast.Constant) and isinstance(word.value, str) and 0 < len(word.value) < 4:
            yield word.value


def is_opener(call):
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    is_writing = any(mode[0] in "awx" for mode in modes(call))
    if name in OPENERS or (last in METHODS and "." in name):
        return not is_writing
    if last == "open" and "." in name:  # windows and histories open, too, but with no mode
        keys = {key.arg for key in call.keywords}
        return bool(keys & {"encoding", "newline", "mode", "buffering"} or [*modes(call)]) and not is_writing
    if name in PICTURES and len(call.args) == 1:
        return isinstance(call.args[0], ast.Constant) or ast.unparse(call.args[0]).startswith("str(")
    return False


def is_reader(function):
    return any(ast.unparse(one).startswith("reads(") for one in function.decorator_list)


def names(calls):
    return {ast.unparse(call.func) for call in calls}


def strangers(text, place):
    """Name the functions of a module that open a file beside the one way in."""
    found, tree = set(), ast.parse(text)
    basics = BASICS & {
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "segpaint.core.reading"
        for name in node.names
    }
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and is_reader(node)}
    for function, calls in functions(tree):
        name = function.name if function is not None else ""
        # What a library opens by its path is checked before, in a reader.
        checked = function is not None and is_reader(function) and "check_regular" in names(calls)
        opens = any(is_opener(call) for call in calls) and not checked
        if opens or (names(calls) & basics and not own):
            found.add((place, name))
    return found


def test_no_module_opens_files_beside_the_one_way_in():
    found = set()
    for path in modules():
        found |= strangers(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).as_posix())
    assert found - set(EXCEPTIONS) == set(), "let a function marked with `reads` read the file"
    assert set(EXCEPTIONS) - found == set(), "these exceptions are no longer needed"


@pytest.mark.parametrize(
    "line",
    [
        "open(path)", "open(path, 'rb')", "path.open('r')", "path.open(newline='')", "path.read_text()",
        "path.read_bytes()", "Image.open(path)", "np.load(path)", "json.load(file)", "load_file(path)",
        "nibabel.load(path)", "QPixmap(str(path))", "QImage('a.png')", "QSettings(path)", "os.open(path, 0)",
    ],
)  # fmt: skip
def test_a_reader_that_is_added_beside_it_is_found(line):
    assert strangers(f"def new(path):\n    return {line}\n", "new.py") == {("new.py", "new")}


def test_basics_are_for_readers_alone():
    start = "from segpaint.core.reading import read_text, reads\n"
    assert strangers(f"{start}def new(path):\n    return read_text(path)\n", "new.py") == {("new.py", "new")}
    assert strangers(f"{start}@reads('x')\ndef new(path):\n    return read_text(path)\n", "new.py") == set()


@pytest.mark.parametrize("line", ["path.open('a')", "open(path, 'wb')", "shell.open(Dialog)", "QPixmap(3, 4)"])
def test_what_reads_no_file_is_let_through(line):
    assert strangers(f"def new(path):\n    return {line}\n", "new.py") == set()
