"""What code help reads in the descriptions of user C modules."""

from __future__ import annotations

from pathlib import Path

from ide.editor.lsp.user_module import flags_of, folder_of


def test_the_flags_of_a_module_by_make_and_by_cmake(tmp_path: Path) -> None:
    folder, tree = tmp_path / "mon é module", Path("/sdk tree")
    (folder / "src" / "deep").mkdir(parents=True)
    assert folder_of(folder / "src" / "deep" / "a.c") is None
    (folder / "micropython.mk").write_text(
        'HERE := $(USERMOD_DIR)\nINC = -I$(HERE)/inc\nCFLAGS_USERMOD += $(INC) \\\n  -DNAME=\\"x\\" -O3 # -DNOT\n'
        "CFLAGS_USERMOD += -I$(shell find .) -I$(TOP)/lib -std=gnu11\nSRC_USERMOD_C += $(USERMOD_DIR)/src/a.c\n"
    )
    assert folder_of(folder / "src" / "deep" / "a.c") == folder
    assert flags_of(folder, tree) == (f"-I{folder}/inc", '-DNAME="x"', f"-I{tree}/lib", "-std=gnu11")
    (folder / "micropython.mk").unlink()
    (folder / "micropython.cmake").write_text(
        "target_include_directories(usermod_a INTERFACE\n  ${CMAKE_CURRENT_LIST_DIR}\n  inc ${UNKNOWN}/x # -I\n)\n"
        'target_compile_definitions(usermod_a INTERFACE ONE=1 -DTWO "${CMAKE_X}=3")\n'
    )
    assert flags_of(folder, tree) == (f"-I{folder}", f"-I{folder}/inc", "-DONE=1", "-DTWO")
    assert flags_of(tmp_path / "nowhere", tree) == ()
