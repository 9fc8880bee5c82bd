"""Makefiles that run here, each by make and by its import, and documents that make runs."""

FILES = {"a.c": "a\n", "b.c": "b\n", "sub/d.txt": "d\n", "list.txt": "x y\n"}

RUNNABLE = {
    "variables": """
NAME := one
LATER = $(NAME)
NAME := two
ADD = a
ADD += $(NAME) b
COND ?= cond
define LINES
echo first >> out
echo second $(1) >> out
endef
override FORCED := forced
all: ; echo $(LATER) $(ADD) $(COND) $(FORCED) $(UNSET) > out
\t$(call LINES,arg)
""",
    "functions": """
W = c.c a.c b.o a.c
all:
\t@echo $(subst a,A,$(W)) : $(patsubst %.c,%.x,$(W)) : $(W:.c=.y) : $(W:%.o=o-%) > out
\t@echo $(strip   a   b ) : $(findstring a,cab) : $(filter %.c,$(W)) : $(filter-out %.c b%,$(W)) >> out
\t@echo $(sort $(W)) : $(word 2,$(W)) : $(words $(W)) : $(wordlist 2,3,$(W)) >> out
\t@echo $(firstword $(W)) $(lastword $(W)) $(dir x/y.c z) $(notdir x/y.c z) $(suffix a.b.c d) >> out
\t@echo $(basename a.b/c d.e) $(addprefix p/,a b) $(addsuffix .s,a b) $(join a b c,1 2) >> out
\t@echo $(foreach v,1 2 3,[$(v)]) $(if x,yes,no) $(if ,yes,no) $(or ,,z) $(and a,b) >> out
\t@echo '$(value W)' $(origin W) $(origin CC) $(origin NONE) $(flavor W) $(flavor NONE) >> out
\t@echo $(wildcard *.c) $(wildcard none*) >> out
""",
    "conditionals": """
A = 1
ifeq ($(A),1)
R += eq
else
R += wrong
endif
ifneq "$(A)" '1'
R += wrong
else ifdef A
R += elseif
else
R += wrong
endif
ifndef NOTHING
ifeq (,$(NOTHING))
R += nested
endif
endif
all:
\techo $(R) > out
ifdef A
\techo in >> out
endif
""",
    "automatic": """
all: dir/t.out
dir/t.out: a.c b.c a.c | dir
\techo $@ $< $^ $+ $| $(@D) $(@F) $(<F) $(^D) $* > $@
\techo $? >> $@
dir:
\tmkdir $@
""",
    "patterns": """
OBJS = a.o b.o
all: prog x-a.y libs/q.z
prog: $(OBJS)
\tcat $^ > $@
%.o: %.c
\tcp $< $@; echo $* >> $@
x-%.y: %.c
\tcp $< $@
libs/%.z: | libs
\techo $* $@ > $@
libs: ; mkdir $@
""",
    "static patterns and suffixes": """
.SUFFIXES: .in .out
all: a.s2 b.s2 t.out
a.s2 b.s2: %.s2: %.c
\tcp $< $@ && echo $* >> $@
.in.out:
\tcat $< > $@; echo $* >> $@
t.in:
\techo in > $@
""",
    "lines of their own": """
all:
\tcd sub && echo here > here.txt
\tX=1; echo $$X >> out
\techo "[$$X]" >> out # a comment
\t-false
\t-@exit 3
\t+echo plus >> out
\techo a \\
\t  b 'c \\
\td' >> out
\t# a comment
\tif true; then echo yes; else echo no; fi >> out
""",
    "phony and double colon": """
.PHONY: all one two
all: two one ext
one two: ; echo $@ >> out
ext:: ; echo e1 >> out
ext:: ; echo e2 >> out
""",
    "target variables": """
MODE = release
FLAGS = -O
debug: MODE = debug
debug: FLAGS += -g
debug: prog
prog.%: EXTRA = pattern
prog: prog.x ; echo $(MODE) $(FLAGS) > $@
prog.x: private SECRETLY = s
prog.x: ; echo $(MODE) $(EXTRA) $(SECRETLY) > $@
""",
    "environment": """
export A = a b
B = not
export C := $(A) $$x
export
unexport B
D = d
all: ; env | grep -E '^(A|B|C|D|E)=' | sort > out
all: export E = only here
""",
    "one shell": """
.ONESHELL:
all:
\tX=1
\t@echo $$X > out
\tcd sub
\techo x > there.txt
""",
    "a shell of its own": """
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
all: two
\ta=(1 2 3); echo $${a[1]} > out
two: ; [[ a < b ]] && echo two > $@
\techo again >> $@
""",
    "canned and eval": """
define RULE
$(1): ; echo made $(1) > $$@
endef
$(foreach t,p q,$(eval $(call RULE,$(t))))
all: p q
""",
    "prefix and grouped": """
.RECIPEPREFIX = >
all: g1 g2
> cat g1 g2 > out
g1 g2 &: a.c
> echo once >> log
> cp a.c g1; cp a.c g2
""",
    "second expansion": """
.SECONDEXPANSION:
a_NEEDS = a.c
all: a.t
a.t: $$($$(basename $$@)_NEEDS) ; cp $< $@
""",
    "handed on": """
all: group last
group: p q
p q: ; echo $@ >> out
last: group ; echo $@ >> out
FORCE:
""",
}
