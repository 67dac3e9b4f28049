"""The wheel: what is in it, what it needs, and that a clean environment takes it."""
# SPDX-License-Identifier: Apache-2.0
import re
import subprocess
import sys
import zipfile

# The C and C++ libraries of the compiler, and Highway, which goes along.
ALLOWED = {"libhwy.so.1", "libstdc++.so.6", "libgcc_s.so.1", "libgomp.so.1", "libm.so.6", "libc.so.6",
           "ld-linux-x86-64.so.2", "libmvec.so.1", "linux-vdso.so.1", "libpthread.so.0", "libdl.so.2"}


def test_what_is_in_it(wheel, root):
    names = zipfile.ZipFile(wheel).namelist()
    assert {"gradkeep/__init__.py", "gradkeep/py.typed", "gradkeep/_core.pyi"} <= set(names)
    assert not [name for name in names if not name.startswith("gradkeep")]
    assert any(name.endswith("licenses/NOTICE") for name in names)
    version = re.search(r"project\(gradkeep VERSION ([\d.]+)", (root / "CMakeLists.txt").read_text())[1]
    assert wheel.name.startswith(f"gradkeep-{version}-")


def test_it_needs_no_library_but_its_own(wheel, execute):
    module, = (wheel.parent / "installed" / "gradkeep").glob("_core*.so")
    listed = execute("readelf", "-d", module)
    needed = set(re.findall(r"NEEDED.*\[(.*)\]", listed))
    assert needed and needed <= ALLOWED
    assert "[$ORIGIN]" in listed


def test_a_clean_environment_takes_it(wheel, execute, tmp_path):
    execute(sys.executable, "-m", "venv", tmp_path)
    python = tmp_path / "bin" / "python"
    execute(python, "-m", "pip", "install", "--quiet", "--no-compile", wheel)
    told = execute(python, "-c", "import gradkeep, numpy; print(gradkeep.value('gelu', numpy.float32(-5.5), "
               "tier='exact')); import sys; print([m for m in ('torch', 'jax', 'matplotlib', 'pandas') "
               "if m in sys.modules])", cwd=tmp_path)
    assert told == "-1.0444259e-07\n[]\n"
    bare = subprocess.run([python, "-c", "import gradkeep.plot as p; p.curves('relu')"], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert "No module named 'matplotlib'" in bare.stderr


def test_the_stub_is_the_modules(gradkeep, root, execute, tmp_path):
    """python/gradkeep/_core.pyi is kept in the repository for readers: made anew by
    python -m nanobind.stubgen -m gradkeep._core -o python/gradkeep/_core.pyi"""
    execute(sys.executable, "-m", "nanobind.stubgen", "-m", "gradkeep._core", "-o", tmp_path / "core.pyi",
            env={"PYTHONPATH": str(root / "build-wheel" / "installed"), "PATH": "/usr/bin"})
    assert (tmp_path / "core.pyi").read_text() == (root / "python/gradkeep/_core.pyi").read_text()
