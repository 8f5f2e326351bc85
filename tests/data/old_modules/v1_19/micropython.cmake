# A user C module, as one was written for MicroPython 1.19.
add_library(usermod_walker INTERFACE)
target_sources(usermod_walker INTERFACE ${CMAKE_CURRENT_LIST_DIR}/walker.c)
target_include_directories(usermod_walker INTERFACE ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(usermod INTERFACE usermod_walker)
set(MICROPY_BOARD_DIR ${MICROPY_PORT_DIR}/boards/GENERIC_S3)
