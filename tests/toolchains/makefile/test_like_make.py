"""Variables, functions, conditions and files of a Makefile mean what they mean to GNU make."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchains.makefile.readers import by_make, evaluated

#: Each line is one expression; ``A`` and the others are below.
EXPRESSIONS = r"""
$(A) ${A} $A $(empty) $(A:.c=.o) $(A:%.c=%.o) $(A:x%.c=y%.o) ${A:.c=} $(A:c=)
$($(name)) $($(name):.c=.S) $(A$(one)) $(one)$(two)
$$A $$$$ x$(empty)y
$(subst ee,EE,feet on the street) $(subst x,,axbxc) $(subst ,z,abc) $(subst a,$(comma),banana)
$(patsubst %.c,%.o,x.c.c bar.c) $(patsubst %,lib%.a,a b) $(patsubst a,b,a aa a)
$(patsubst src/%.c,build/%.o,src/x.c src/y/z.c q.c)
$(patsubst \%.c,x,%.c a.c) $(patsubst %.c,%%.o,x.c) $(patsubst %,a\%b%,x)
[$(strip   a   b c  )] [$(strip )] [$(strip $(spaced))]
[$(findstring a,a b c)] [$(findstring a,b c)] [$(findstring b c,a b c)]
[$(filter %.c %.s,foo.c bar.c baz.s ugh.h)] [$(filter-out main1.o main2.o,main1.o foo.o main2.o bar.o)] [$(filter x,)]
[$(filter a% %b,ab cb ac cc)] [$(filter $(empty),a b)] [$(filter-out ,a b)] [$(filter armv6m armv7m,armv7m)]
[$(sort foo bar lose foo)] [$(sort )] [$(sort b.c a.c B.c _x 10 9)]
[$(word 2, foo bar baz)] [$(word 9,a b)] [$(wordlist 2, 3, foo bar baz)]
[$(wordlist 3,2,a b c)] [$(wordlist 2,99,a b c)]
[$(words foo bar)] [$(words )] [$(firstword a b)] [$(lastword a b)] [$(firstword )] [$(lastword )]
[$(dir src/foo.c hacks /a/b/ /)] [$(notdir src/foo.c hacks /a/b/)] [$(suffix src/foo.c src-1.0/bar.c hacks a.b.c)]
[$(basename src/foo.c src-1.0/bar hacks a.b.c .x)] [$(addsuffix .c,foo bar)] [$(addprefix src/,foo bar)]
[$(addprefix x,)]
[$(join a b,.c .o)] [$(join a b c,1)] [$(join ,1 2)]
[$(if $(A),yes,no)] [$(if $(empty),yes,no)] [$(if $(empty),yes)] [$(if  $(empty) ,yes,no)] [$(if x,a,b,c)]
[$(or ,,x,y)] [$(or ,)] [$(and a,b)] [$(and a,,b)] [$(or $(empty),$(A))]
[$(foreach x,a b c,<$(x)>)] [$(foreach x,,y)] [$(foreach x,1 2,$(foreach y,a b,$(x)$(y)))] [$(x)]
[$(call reverse,a,b)] [$(call reverse,a)] [$(call map,origin,A map MAKE nothing)] [$(call subst,a,b,banana)]
[$(call nested,a b)] [$(call upto,4)] [$(call unknown,1)] [$(call  reverse , a , b )]
[$(value recursive)] [$(value A)] [$(recursive)] [$(value nothing)]
$(origin A) $(origin MAKE) $(origin nothing) $(origin CC) $(origin CFLAGS) $(origin over)
$(flavor A) $(flavor simple) $(flavor nothing)
[$(abspath /a/../b/./c /x//y)] [$(realpath /usr/../usr)] [$(realpath nothing here)]
[$(wildcard *.c)] [$(wildcard sub/*.c *.h)] [$(wildcard nothing.c a.c)]
[$(wildcard */)] [$(wildcard s*/?.c)] [$(wildcard [ab].c)]
[$(subst $(space),:,a b c)] [$(subst $(comma),;,a,b,c)] [$(words $(list))] [$(list:%=<%>)]
[$(simple)] [$(appended)] [$(appended_simple)] [$(over)] [$(conditional)] [$(condition2)]
[$(two_lines)] [$(with_hash)] [$(trailing)] [$(quoted)]
$(info inside)[$(info a,b)]
[$(eval made := 1)$(made)] [$(eval $(call template,prog))$(prog_SRC)]
[$(if $(filter x64,$(ARCH)),64,32)] [$(ARCH)] [${ARCH}]
[$(shell)] [$(call)] [$(wildcard)] [$(strip)]
[$(sort $(patsubst %,%/,$(foreach d,x y,$(d) $(d)2)))]
[$(if $(findstring clang,gcc),c,g)] [$(lastword $(sort 3 1 2))] [$(words $(MAKEFILE_LIST))]
[$(filter-out $(firstword $(list)),$(list))] [$(patsubst %.c,$(BUILD)/%.o,$(filter %.c,$(list)))]
[$(A:.c)] [$(nothing:a=b)] [$(list:.c=.o,x)] [$(subst {,[,a{b)]
[$(addprefix $(realpath nowhere)/,a.c b.c)] [$(dir )] [$(join $(empty),$(empty))]
[$(call nested_if,1)] [$(call nested_if,)] [$(foreach v,A simple,$($(v)))]
[$(foreach f,$(wildcard *.c),$(basename $(f)))]
[$(word 1,$(subst ., ,1.26.1))] [$(wordlist 2,$(words $(list)),$(list))] [$(subst /,\,a/b)]
"""

BEFORE = r"""
A = x.c xy.c z.h
name = A
one = 1
two = 2$(three)
A1 = second
empty =
space := $(empty) $(empty)
comma := ,
spaced =   a  b
list = a.c b.c \
   c.S \
	d.py
BUILD = build
simple := $(A) now
A = x.c xy.c z.c
recursive = $(A) $(simple)
appended = a
appended += b
appended += $(later)
later = c
appended_simple := a
appended_simple += $(later)
later = d
reverse = $(2) $(1)
map = $(foreach a,$(2),$(call $(1),$(a)))
nested = <$(foreach w,$(1),$(call reverse,$(w),-))>
upto = $(if $(filter 0,$(1)),,$(1))
nested_if = $(if $(1),yes $(1),no)
override over = stronger
over = weaker
conditional ?= new
condition2 = old
condition2 ?= new
with_hash = a\#b # comment
trailing = x   # comment
quoted = "a b" 'c'
ARCH ?= x64
define two_lines
first $(A)
second
endef
define template
$(1)_SRC := $(1).c
$(1)_OBJ = $$($(1)_SRC:.c=.o)
endef
"""

FILES = r"""
include part.mk
-include nothing.mk
sinclude nothing2.mk
$(info [$(FROM_PART)] [$(MAKEFILE_LIST)] [$(CURDIR)] [$(lastword $(MAKEFILE_LIST))])
ifeq ($(ARCH),x64)
X = a
else ifeq ($(ARCH),armv6m)
X = b
else
X = c
endif
$(info [$(X)])
ifdef empty
$(info wrong)
else
ifndef nothing
$(info right)
endif
endif
ifneq "$(X)" 'a'
$(info not a)
endif
ifeq '$(X)' "a"
    ifeq ($(strip $(X) ), a)
$(info a)
    else
    $(info never)
    endif
else # comment
$(info not)
endif
ifeq (a,$(if x,a,b)) # comment
$(info commas in brackets)
endif
ifeq (,)
$(info both empty)
endif
ifeq ($(ARCH),$(filter $(ARCH),x64 armv7m))
$(info filtered)
endif
ifneq ($(findstring x,$(ARCH)),)
$(info found)
endif
ifdef X
$(info defined $(X)) # comment
endif
name = later
later_too := $(name)
define lines =
a
  b
	tab
endef
define added +=
more
endef
define now :=
$(later_too)
endef
$(info [$(lines)] [$(added)] [$(now)])
undefine name
$(info [$(name)] $(origin name))
export EXPORTED = 1
export later_too
unexport later_too
override given := mine
given2 := mine
$(info [$(given)] [$(given2)] $(origin given) $(origin given2))
given2 += more
override given2 += more
$(info [$(given2)])
ifeq ("$(origin given2)","override")
$(info overridden)
endif
colon::=x
other:=$(colon)
$(info [$(colon)] [$(other)])
empty_then =
empty_then += a
$(info [$(empty_then)])
never_set += b
$(info [$(never_set)] $(flavor never_set))
target: private = 1
target: X += own
target: ; @echo $@
%.z: %.c part.mk | sub ; @echo $< $(X)
a.z b.z: %.z: %.c
	@echo static
	@echo $(shell never run)
$(eval $(foreach n,1 2,var_$(n) := v$(n)$(newline)))
ifeq (1,2)
define ignored
endif
endef
include nothing-here.mk
$(error never)
endif
$(info [$(var_1)])
X := $(X) \
  continued \
  twice
$(info [$(X)])
back = a\\b \$(X) c\d
$(info [$(back)])
long := $(foreach n,1 2 3,\
  $(n) \
)
$(info [$(long)])
	indented_by_a_tab = 1
$(info [$(indented_by_a_tab)])
ifeq (0,1)
else ifdef nothing
else
  last = branch
endif
$(info [$(last)])
sh != true
$(info done)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.c", "b.c", "x.h", "sub/q.c", "sub/r.c", "sub2/deep/z.c"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "part.mk").write_text("FROM_PART = $(lastword $(MAKEFILE_LIST))\nFROM_PART := $(FROM_PART)\n")
    return tmp_path


def test_expressions_have_the_value_that_make_gives_them(folder: Path) -> None:
    lines = EXPRESSIONS.strip().split("\n")
    text = BEFORE + "".join(f"$(info {number}: {line})\n" for number, line in enumerate(lines))
    ours, theirs = evaluated(folder, text), by_make(folder, text)
    different = {a: b for a, b in zip(ours, theirs, strict=False) if a != b}
    assert different == {}
    assert ours == theirs


@pytest.mark.parametrize("arch", ["x64", "armv6m", "rv32imc"])
def test_files_are_read_as_make_reads_them(folder: Path, arch: str) -> None:
    given = {"ARCH": arch, "given": "g", "given2": "g2"}
    assert evaluated(folder, FILES.replace("sh != true\n", ""), given) == by_make(folder, FILES, given)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$(intcmp 1,2,less,equal,greater)", "less"),
        ("$(intcmp -3,-3,less,equal,greater)", "equal"),
        ("$(intcmp 10,9,less,greater-or-equal)", "greater-or-equal"),
        ("$(intcmp 7,7)$(intcmp 7,8)", "7"),
        ("$(let first rest,a b  c,$(rest) $(first))", "b  c a"),
        ("$(let a b c,1,[$(a)$(b)$(c)])", "[1]"),
        ("$(let x,1 2,$(x))$(x)", "1 2"),
    ],
)
def test_functions_of_newer_makes(folder: Path, expression: str, value: str) -> None:
    assert evaluated(folder, f"$(info {expression})\n") == [value]
