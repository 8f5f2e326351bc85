# A stand-in for ESP-IDF's project.cmake: the same entry points for the CMakeLists.txt of MicroPython's esp32 port, which
# is the real one. It compiles the user modules with the tree's own headers, and a few files in place of the port.

include(${CMAKE_CURRENT_LIST_DIR}/version.cmake)
set(STAND_IN ${CMAKE_CURRENT_LIST_DIR}/../..)
set(IDF_PATH $ENV{IDF_PATH})

function(idf_build_set_property)
endfunction()

macro(stand_in_options)
    execute_process(
        COMMAND ${PYTHON} ${STAND_IN}/tools/kconfig.py ${SDKCONFIG_DEFAULTS} ${SDKCONFIG} ${IDF_TARGET}
        COMMAND_ERROR_IS_FATAL ANY
    )
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${SDKCONFIG})
    execute_process(
        COMMAND ${PYTHON} ${STAND_IN}/tools/kconfig.py --get PARTITION_TABLE_CUSTOM_FILENAME ${SDKCONFIG}
        OUTPUT_VARIABLE stand_in_table OUTPUT_STRIP_TRAILING_WHITESPACE
    )
    get_filename_component(stand_in_table ${stand_in_table} ABSOLUTE BASE_DIR ${CMAKE_SOURCE_DIR})
endmacro()

# The names that MicroPython would find with makeqstrdefs.py. As there, definitions of a module alone are not seen.
macro(stand_in_names)
    set(stand_in_folders
        ${STAND_IN}/components/port_parts/include ${CMAKE_BINARY_DIR} ${MICROPY_DIR} ${MICROPY_BOARD_DIR})
    set(stand_in_flags ${MICROPY_CPP_DEF_EXTRA})
    list(TRANSFORM stand_in_flags PREPEND -D)
    foreach(stand_in_folder ${stand_in_folders} ${MICROPY_INC_USERMOD})
        list(APPEND stand_in_flags -I${stand_in_folder})
    endforeach()
    execute_process(
        COMMAND ${PYTHON} ${STAND_IN}/tools/names.py ${CMAKE_BINARY_DIR}/genhdr ${CMAKE_C_COMPILER} ${stand_in_flags}
            -- ${MICROPY_SOURCE_USERMOD}
        COMMAND_ERROR_IS_FATAL ANY
    )
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${MICROPY_SOURCE_USERMOD})
endmacro()

# As ESP-IDF does by the chip: the compiler is found on PATH.
macro(stand_in_compiler)
    if(IDF_TARGET MATCHES "^esp32(s2|s3)?$")
        set(CMAKE_C_COMPILER xtensa-${IDF_TARGET}-elf-gcc)
    else()
        set(CMAKE_C_COMPILER riscv32-esp-elf-gcc)
    endif()
endmacro()

macro(project name)
    stand_in_compiler()
    _project(${name} C)
    stand_in_options()
    set(MICROPY_DIR ${CMAKE_SOURCE_DIR}/../..)
    get_filename_component(MICROPY_DIR ${MICROPY_DIR} ABSOLUTE)
    set(MICROPY_PORT_DIR ${CMAKE_SOURCE_DIR})
    if(NOT MICROPY_LIB_DIR)
        set(MICROPY_LIB_DIR ${MICROPY_DIR}/lib/micropython-lib)
    endif()
    include(${MICROPY_DIR}/py/usermod.cmake)
    stand_in_names()
    if(DEFINED ENV{CFLAGS_EXTRA})
        string(APPEND CMAKE_C_FLAGS " $ENV{CFLAGS_EXTRA}")
    endif()

    foreach(number RANGE 1 8)
        configure_file(${STAND_IN}/components/port_parts/part.c.in ${CMAKE_BINARY_DIR}/parts/part_${number}.c)
        list(APPEND stand_in_parts ${CMAKE_BINARY_DIR}/parts/part_${number}.c)
    endforeach()
    add_executable(${name}.elf ${stand_in_parts})
    target_include_directories(${name}.elf PRIVATE ${stand_in_folders})
    target_compile_options(${name}.elf PRIVATE -Os -fno-pic -fno-asynchronous-unwind-tables -ffreestanding)
    target_link_libraries(${name}.elf usermod)
    target_link_options(${name}.elf PRIVATE -nostdlib -static -no-pie -Wl,--unresolved-symbols=ignore-all
        -Wl,--build-id=none -Wl,-T,${STAND_IN}/components/esp_system/ld/memory.ld -Wl,-Map=${CMAKE_BINARY_DIR}/${name}.map)

    add_custom_target(frozen ALL
        COMMAND ${PYTHON} ${MICROPY_DIR}/tools/makemanifest.py -o ${CMAKE_BINARY_DIR}/frozen_content.c
            -v MPY_DIR=${MICROPY_DIR} -v PORT_DIR=${CMAKE_SOURCE_DIR} -v BOARD_DIR=${MICROPY_BOARD_DIR}
            -v MPY_LIB_DIR=${MICROPY_LIB_DIR} -b ${CMAKE_BINARY_DIR} ${MICROPY_FROZEN_MANIFEST}
        VERBATIM)

    add_custom_command(OUTPUT partition_table/partition-table.bin
        COMMAND ${PYTHON} ${STAND_IN}/components/partition_table/gen_esp32part.py
            ${stand_in_table} partition_table/partition-table.bin
        DEPENDS ${stand_in_table} ${SDKCONFIG} VERBATIM)
    add_custom_command(OUTPUT ${name}.bin
        COMMAND ${PYTHON} ${STAND_IN}/components/esptool_py/elf2image.py ${name}.elf ${name}.bin
        COMMAND ${PYTHON} ${STAND_IN}/components/partition_table/check_sizes.py
            partition_table/partition-table.bin ${name}.bin
        DEPENDS ${name}.elf partition_table/partition-table.bin VERBATIM)

    include(ExternalProject)
    ExternalProject_Add(bootloader
        SOURCE_DIR ${STAND_IN}/components/bootloader/subproject
        BINARY_DIR ${CMAKE_BINARY_DIR}/bootloader
        INSTALL_COMMAND ""
        BUILD_BYPRODUCTS bootloader/bootloader.bin)
    add_custom_target(app ALL DEPENDS ${name}.bin bootloader)
endmacro()
