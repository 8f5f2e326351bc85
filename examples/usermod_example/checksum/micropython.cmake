# For ports that are built by CMake: the ESP32.
add_library(usermod_checksum INTERFACE)
target_sources(usermod_checksum INTERFACE ${CMAKE_CURRENT_LIST_DIR}/checksum.c)
target_include_directories(usermod_checksum INTERFACE ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(usermod INTERFACE usermod_checksum)
