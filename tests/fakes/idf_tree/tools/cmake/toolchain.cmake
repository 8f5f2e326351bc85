# The compiler is found on PATH by the name that ESP-IDF calls it.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER_FORCED TRUE)
set(CMAKE_C_COMPILER $ENV{STAND_IN_COMPILER})
