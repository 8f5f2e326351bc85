freeze("$(PORT_DIR)", "_boot.py")
include("$(MPY_DIR)/extmod/asyncio")
