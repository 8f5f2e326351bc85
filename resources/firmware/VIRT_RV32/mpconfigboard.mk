# The board VIRT_RV32 of MicroPython's qemu port, for zig; ZIG and RT come from toolchains/firmware/make_ports.py.
.DEFAULT_GOAL := all

include boards/VIRT_RV32/mpconfigboard.mk

# The section that holds the first instructions gets its flags, without which lld does not load it.
$(BUILD)/mcu/rv32/entrypoint.o: mcu/rv32/entrypoint.s
	@mkdir -p $(dir $@)
	@sed 's/[.]section [.]start *$$/.section .start, "ax"/' $< > $(@:.o=.s)
	$(AS) -o $@ $(@:.o=.s)
