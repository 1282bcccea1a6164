# make              build the programs: build/maillon, build/maillon-verify
# make deps         install the Debian packages that are missing
# make demo         from a clean checkout to a small network that is audited
# make test         everything below, then the tests of real nodes (bats)
# make check        unit tests, the fuzzers' corpus, the rules of the source
# make SAN=1 check  the same under AddressSanitizer and UBSan
# make cov          line and branch coverage of the unit tests
# make fuzz-run     run each fuzzer for FUZZ_TIME=10 seconds (needs clang)
# make soak         a small network under random trouble for SOAK_S=300 seconds
# make accidents    homes copied, put back, rotated, killed at random: ROUNDS=100
# make bench        measure; bench-quick takes under two minutes
# make fmt install clean
#
# B=DIR puts objects and programs elsewhere, WERROR= forgives new warnings,
# AVAHI= builds without avahi, LTO= links sooner and runs slower, V=1 shows
# whole commands.

LAYERS := crypto proto store node
PREFIX ?= /usr/local

DEPS := gcc make pkg-config libsodium-dev libmsgpack-c-dev|libmsgpack-dev \
        liblmdb-dev libzmq3-dev libjansson-dev libinih-dev libqrencode-dev \
        gettext libcmocka-dev bats libavahi-client-dev
# What checks what others are to read, in the tests of real nodes, and what
# lays networks for them.
TEST_DEPS := nodejs hledger ledger iproute2 avahi-daemon avahi-utils dbus
FUZZ_DEPS := clang libclang-rt-14-dev|libclang-rt-dev

# Flags: ours are not negotiable, CFLAGS and LDFLAGS are the builder's.
CFLAGS ?= -O2 -g
WERROR ?= -Werror
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla \
        -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
        -Wcast-qual -Wundef -Wformat=2 $(WERROR)

# Each mode has its own object directory, so modes never mix.
MODE := $(if $(SAN),san,$(if $(COV),cov,$(if $(FUZZ),fuzz,plain)))
# gcc optimises the programs as a whole; its objects hold plain code as well,
# which is what the tests link.
ifeq ($(origin LTO),undefined)
LTO := $(if $(filter plain,$(MODE)),$(shell $(CC) --version 2>/dev/null | \
         grep -q 'Free Software' && echo yes))
endif
SANITIZE := address,undefined -fno-sanitize-recover=all \
            -fno-omit-frame-pointer
MODE_plain := -fstack-protector-strong $(if $(LTO),-flto=auto -ffat-lto-objects)
MODE_san := -fsanitize=$(SANITIZE) -O1
MODE_cov := --coverage -O0
MODE_fuzz := -fsanitize=fuzzer-no-link,$(SANITIZE) -O1
LINK_plain := -Wl,-z,relro,-z,now
LINK_san := -fsanitize=$(SANITIZE)
LINK_cov := --coverage
LINK_fuzz := -fsanitize=fuzzer,$(SANITIZE)
ifeq ($(MODE),plain)
CPPFLAGS ?= -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
ifeq ($(MODE),fuzz)
CC := clang
endif
B := build/$(MODE)
BIN := $(if $(filter build/plain,$(B)),build,$(B))

# One library per layer; node/ has one more for each of its faces.
pc = $(shell pkg-config $(1) $(2) 2>/dev/null || echo $(3))
MSGPACK := $(call pc,--exists,msgpack-c && echo msgpack-c,msgpack)
# Without avahi's headers nodes on the local network are not found; AVAHI= asks
# for such a build.
AVAHI ?= $(call pc,--exists,avahi-client && echo yes,)
LAN_NOT := node/net/$(if $(AVAHI),lan_none,lan_avahi).c
PC_face := jansson inih libqrencode
PC_node := libzmq $(PC_face)
LIBS_crypto := $(call pc,--libs,libsodium,-lsodium)
LIBS_proto := $(call pc,--libs,$(MSGPACK),-lmsgpackc) $(LIBS_crypto)
LIBS_store := $(call pc,--libs,lmdb,-llmdb) $(LIBS_proto)
LIBS_face := $(foreach p,$(PC_face),$(call pc,--libs,$(p))) $(LIBS_store)
LIBS_node := $(call pc,--libs,libzmq) $(LIBS_face)
INC := $(foreach p,libsodium $(MSGPACK) lmdb $(PC_node) $(if $(AVAHI),avahi-client),$(call pc,--cflags,$(p)))

OWN := -std=c11 -D_POSIX_C_SOURCE=200809L -I. $(INC) $(WARN)
Q := $(if $(V),,@)
COMPILE = $(CC) $(OWN) $(CPPFLAGS) $(CFLAGS) $(MODE_$(MODE))
LINK_WITH = $(CC) $(CFLAGS) $(LINK_$(MODE)) $(LDFLAGS) -Wl,--as-needed -o $@
LINK = $(LINK_WITH) $(if $(LTO),-fno-lto)
LINK_WHOLE = $(LINK_WITH) $(if $(LTO),-flto=auto)

SRC := $(filter-out $(LAN_NOT),$(foreach l,$(LAYERS),$(wildcard $(l)/*.c $(l)/*/*.c)))
HDR := $(foreach l,$(LAYERS),$(wildcard $(l)/*.h $(l)/*/*.h))
MAINS := node/main.c node/verify_main.c node/zmq_late.c
TESTS := $(foreach l,$(LAYERS),$(patsubst %.c,$(B)/%,$(wildcard tests/$(l)_*.c)))
TARGETS := $(filter-out replay,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
TOOLS := $(patsubst tests/tool/%.c,$(BIN)/%,$(wildcard tests/tool/*.c))
BENCH := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/*.c))
MO := $(patsubst node/po/%.po,$(BIN)/locale/%/LC_MESSAGES/maillon.mo,$(wildcard node/po/*.po))
REPLAY := $(if $(filter fuzz,$(MODE)),,$(TARGETS:%=$(B)/replay/%))

# What code of each layer may link: its own layer and those below it.
UPTO_crypto := $(B)/crypto.a
UPTO_proto := $(B)/proto.a $(UPTO_crypto)
UPTO_store := $(B)/store.a $(UPTO_proto)
UPTO_node := $(B)/node.a $(UPTO_store)

all: po $(patsubst node/main.c,$(BIN)/maillon,$(wildcard node/main.c)) \
     $(patsubst node/verify_main.c,$(BIN)/maillon-verify,$(wildcard node/verify_main.c))

# The program loads libzmq only when it goes to the network (zmq_late.c).
$(BIN)/maillon: $(B)/node/main.o $(B)/node/zmq_late.o $(UPTO_node)
	@echo "link $@"
	$(Q)$(LINK_WHOLE) $^ $(LIBS_face)

# The stranger's verifier runs anywhere, so it is static, and it may use of
# node/ only what needs neither store nor network.
$(BIN)/maillon-verify: $(B)/node/verify_main.o $(B)/node.a $(UPTO_proto)
	@echo "link $@"
	$(Q)$(LINK_WHOLE) $(if $(filter plain,$(MODE)),-static-pie) $^ $(LIBS_proto)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "cc   $<"
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

define ARCHIVE
$(B)/$(1).a: $(patsubst %.c,$(B)/%.o,$(filter-out $(MAINS),$(filter $(1)/%,$(SRC))))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(Q)$(AR) rcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call ARCHIVE,$(l))))

# tests/proto_rd.c tests proto/, so it links proto.a and crypto.a only: a call
# upwards is a link error.  A test named _nomem gets tests/nomem.h's malloc, one
# named _work counts calls (tests/work.h).
layer = $(firstword $(subst _, ,$*))
WORK := pubkey_eq pubkey_cmp id_eq record_again record_decode sign_check
.SECONDEXPANSION:
$(B)/tests/%_nomem: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(B)/tests/%_work: LDFLAGS += $(WORK:%=-Wl,--wrap=%)
$(TESTS): $(B)/tests/%: $(B)/tests/%.o $$(UPTO_$$(layer))
	@echo "link $@"
	$(Q)$(LINK) $^ $(LIBS_$(layer)) -lcmocka

# A fuzzer is built twice: by clang with libFuzzer (make fuzz), and by any
# compiler with a main that replays the corpus (make check).
$(REPLAY): $(B)/replay/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(UPTO_node)
	@mkdir -p $(@D)
	@echo "link $@"
	$(Q)$(LINK) $^ $(LIBS_node)
$(TARGETS:%=build/fuzz/%): build/fuzz/%: build/fuzz/tests/fuzz/%.o $(UPTO_node)
	@echo "link $@"
	$(Q)$(LINK) $^ $(LIBS_node)

# Programs that the tests of real nodes need: build/rogue and its like.
$(TOOLS): $(BIN)/%: $(B)/tests/tool/%.o $(UPTO_node)
	@echo "link $@"
	$(Q)$(LINK) $^ $(LIBS_node)

$(BIN)/bench-tool: $(BENCH) $(UPTO_node)
	@echo "link $@"
	$(Q)$(LINK) $^ $(LIBS_node)

$(BIN)/locale/%/LC_MESSAGES/maillon.mo: node/po/%.po
	@mkdir -p $(@D)
	msgfmt --check -o $@ $<
po: $(MO)

# The manual and bash's completion are the table of commands in another form.
$(BIN)/maillon.1 $(BIN)/maillon.bash: $(BIN)/maillon
	$(Q)LC_ALL=C $< $(if $(filter %.1,$@),manual,completion) >$@

deps:
	@.ci/deps $(DEPS:%='%')
demo: deps
	@$(MAKE) --no-print-directory all
	@BUILD=$(abspath $(BIN)) tests/demo.sh

# Recursive, because packages that deps has just installed change the flags.
test: deps
	@.ci/deps $(TEST_DEPS:%='%')
	@$(MAKE) --no-print-directory test-now
test-now: all $(TESTS) $(REPLAY) $(TOOLS)
	@BUILD=$(abspath $(BIN)) CC='$(CC) $(OWN)' tests/run.sh --e2e $(TESTS) $(REPLAY)
check: $(TESTS) $(REPLAY)
	@CC='$(CC) $(OWN)' tests/run.sh $(TESTS) $(REPLAY)
check-source:
	@CC='$(CC) $(OWN)' tests/check-source.sh

cov:
ifdef COV
	@mkdir -p $(B)
	@find $(B) -name '*.gcda' -delete
	-@$(MAKE) --no-print-directory check
	@gcov -b -n $(patsubst %.c,$(B)/%.gcda,$(filter-out $(MAINS),$(SRC))) \
	2>/dev/null | awk -f tests/cov.awk
else
	@$(MAKE) --no-print-directory COV=1 cov
endif

fuzz:
	@.ci/deps $(FUZZ_DEPS:%='%')
	@$(MAKE) --no-print-directory FUZZ=1 B=build/fuzz $(TARGETS:%=build/fuzz/%)
fuzz-run: fuzz
	@for t in $(TARGETS); do mkdir -p tests/fuzz/corpus/$$t build/found/$$t; \
	build/fuzz/$$t -max_total_time=$(or $(FUZZ_TIME),10) -timeout=10 \
		-rss_limit_mb=1024 -artifact_prefix=build/found/$$t- \
		build/found/$$t tests/fuzz/corpus/$$t || exit 1; done

bench: all $(BIN)/bench-tool $(BIN)/crowd
	@$(BIN)/bench-tool
bench-quick: all $(BIN)/bench-tool $(BIN)/crowd
	@$(BIN)/bench-tool --quick

soak: all $(BIN)/relay
	@BUILD=$(abspath $(BIN)) tests/soak.sh
accidents: all
	@BUILD=$(abspath $(BIN)) tests/accidents.sh

fmt:
	clang-format -i $(SRC) $(LAN_NOT) $(HDR) $(wildcard tests/*.[ch] tests/*/*.[ch])

DATA := $(abspath $(DESTDIR)$(PREFIX))/share
install: all $(BIN)/maillon.1 $(BIN)/maillon.bash
	install -d $(DESTDIR)$(PREFIX)/bin
	for p in $(wildcard $(BIN)/maillon $(BIN)/maillon-verify); do \
		install -m 755 $$p $(DESTDIR)$(PREFIX)/bin/ || exit 1; done
	cd $(BIN) && for m in $(MO:$(BIN)/%=%); do \
		install -D -m 644 $$m $(DATA)/$$m || exit 1; done
	install -D -m 644 $(BIN)/maillon.1 $(DATA)/man/man1/maillon.1
	install -D -m 644 $(BIN)/maillon.bash \
		$(DATA)/bash-completion/completions/maillon

clean:
	rm -rf build

-include $(patsubst %.c,$(B)/%.d,$(SRC) $(wildcard tests/*.c tests/*/*.c))
.PHONY: all po deps demo test test-now check check-source cov fuzz fuzz-run \
        bench bench-quick soak accidents fmt install clean
.SECONDARY:
