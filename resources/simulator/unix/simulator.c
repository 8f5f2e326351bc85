// A board's serial port and reset on a unix terminal.
//
// The unix port reads its terminal only when Python asks it to, in the terminal's line mode, and ends at Ctrl-D. Here
// bytes arrive by signal (SIGIO) in a buffer, as they do by interrupt on a board: Ctrl-C acts while a program runs,
// input typed ahead waits, binary bytes come through unchanged. A soft reset starts the program anew (execv) in the
// same process and on the same terminal, so that nothing of the old state is left and the other end sees a reset.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "shared/readline/readline.h"
#include "shared/runtime/pyexec.h"
#include "simulator.h"

#define RING_SIZE (65536u) // no more than a pipe holds, through which it is handed on at a reset
#define HANDED_ON "NATMOD_SIM_HANDED_ON"

static unsigned char ring[RING_SIZE];
static volatile unsigned ring_in, ring_out; // counts of bytes; they wrap, which is well
static volatile int interrupt_char = -1;
static char *root_folder;

// A program that is about to sleep in the kernel when Ctrl-C comes would sleep on: the signal was already there. So it
// is woken (EINTR) again and again until it has noticed.
static void on_alarm(int number) {
    if (MP_STATE_MAIN_THREAD(mp_pending_exception) == MP_OBJ_NULL) {
        setitimer(ITIMER_REAL, &(struct itimerval) { 0 }, NULL);
    }
}

static void interrupt(void) {
    mp_sched_keyboard_interrupt();
    const struct itimerval often = { .it_interval = { .tv_usec = 20000 }, .it_value = { .tv_usec = 20000 } };
    setitimer(ITIMER_REAL, &often, NULL);
}

// With an interrupt character in force bytes that find no room are dropped, as on a board, since a Ctrl-C may follow.
// Without one (binary transfer) the sender is held back instead and nothing is lost.
static void receive(void) {
    for (;;) {
        unsigned room = RING_SIZE - (ring_in - ring_out);
        if (room == 0 && interrupt_char < 0) {
            return;
        }
        struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };
        if (poll(&terminal, 1, 0) <= 0) {
            return;
        }
        unsigned char bytes[256];
        ssize_t n = read(STDIN_FILENO, bytes, room && room < sizeof(bytes) ? room : sizeof(bytes));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            _exit(0); // nobody holds the other end any more
        }
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] == interrupt_char) {
                interrupt();
            } else if (room) {
                ring[ring_in % RING_SIZE] = bytes[i];
                ring_in = ring_in + 1;
                room--;
            }
        }
    }
}

static void on_signal(int number) {
    int saved = errno;
    receive();
    errno = saved;
}

static sigset_t hold_signal(void) {
    sigset_t io, before;
    sigemptyset(&io);
    sigaddset(&io, SIGIO);
    sigprocmask(SIG_BLOCK, &io, &before);
    return before;
}

void mp_hal_set_interrupt_char(char c) {
    interrupt_char = c == (char)-1 ? -1 : (unsigned char)c;
}

// The terminal is always raw.
void mp_hal_stdio_mode_raw(void) {
}

void mp_hal_stdio_mode_orig(void) {
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        mp_handle_pending(true);
        sigset_t before = hold_signal();
        if (ring_in != ring_out) {
            int c = ring[ring_out % RING_SIZE];
            ring_out = ring_out + 1;
            if (ring_in - ring_out == RING_SIZE / 2) {
                receive();
            }
            sigprocmask(SIG_SETMASK, &before, NULL);
            return c;
        }
        if (MP_STATE_MAIN_THREAD(mp_pending_exception) == MP_OBJ_NULL) {
            struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };
            sigdelset(&before, SIGIO);
            ppoll(&terminal, 1, NULL, &before);
            receive();
        }
        sigprocmask(SIG_SETMASK, &before, NULL);
    }
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t n = write(STDOUT_FILENO, text + done, length - done);
        if (n < 0 && errno != EINTR) {
            _exit(0);
        }
        done += n > 0 ? n : 0;
    }
    return length;
}

uintptr_t simulator_poll(uintptr_t flags) {
    uintptr_t ready = MP_STREAM_POLL_WR;
    if (ring_in != ring_out) {
        ready |= MP_STREAM_POLL_RD;
    }
    return flags & ready;
}

static void open_terminal(void) {
    struct termios settings;
    if (tcgetattr(STDIN_FILENO, &settings) == 0) {
        cfmakeraw(&settings);
        tcsetattr(STDIN_FILENO, TCSANOW, &settings);
    }
    struct sigaction action = { .sa_handler = on_signal };
    sigemptyset(&action.sa_mask);
    sigaction(SIGIO, &action, NULL);
    action.sa_handler = on_alarm;
    sigaction(SIGALRM, &action, NULL);
    signal(SIGINT, SIG_IGN);
    fcntl(STDIN_FILENO, F_SETOWN, getpid());
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_ASYNC);
    sigset_t io;
    sigemptyset(&io);
    sigaddset(&io, SIGIO);
    raise(SIGIO); // what came before anybody listened
    sigprocmask(SIG_UNBLOCK, &io, NULL);
}

// What outlives a soft reset: the root folder, the kind of REPL, and bytes that nobody read yet.
static void take_over(void) {
    const char *handed = getenv(HANDED_ON);
    if (handed == NULL) {
        root_folder = getcwd(NULL, 0);
        return;
    }
    pyexec_mode_kind = handed[0] == 'r' ? PYEXEC_MODE_RAW_REPL : PYEXEC_MODE_FRIENDLY_REPL;
    int pipe_end = handed[1] - '0';
    root_folder = strdup(handed + 2);
    ssize_t n;
    while (ring_in < RING_SIZE && (n = read(pipe_end, ring + ring_in, RING_SIZE - ring_in)) > 0) {
        ring_in += n;
    }
    close(pipe_end);
    unsetenv(HANDED_ON);
}

static void hand_on(void) {
    hold_signal(); // stays held across execv, until open_terminal
    setitimer(ITIMER_REAL, &(struct itimerval) { 0 }, NULL);
    for (int fd = 3; fd < 256; fd++) {
        close(fd);
    }
    int ends[2];
    if (pipe(ends) != 0) {
        _exit(1);
    }
    for (; ring_out != ring_in; ring_out++) {
        if (write(ends[1], &ring[ring_out % RING_SIZE], 1) != 1) {
            break;
        }
    }
    close(ends[1]);
    size_t size = strlen(root_folder) + 3;
    char *state = malloc(size);
    state[0] = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? 'r' : 'f';
    state[1] = '0' + ends[0];
    strcpy(state + 2, root_folder);
    setenv(HANDED_ON, state, 1);
}

// Never returns: the same program with the same arguments, from its beginning.
static void restart(void) {
    static char arguments[16384];
    int fd = open("/proc/self/cmdline", O_RDONLY);
    ssize_t length = read(fd, arguments, sizeof(arguments) - 1);
    char *argv[64];
    int argc = 0;
    for (char *word = arguments; word < arguments + length && argc < 63; word += strlen(word) + 1) {
        argv[argc++] = word;
    }
    argv[argc] = NULL;
    hand_on();
    execv("/proc/self/exe", argv);
    _exit(1);
}

// boot.py always, main.py only for a person at the friendly prompt, then commands until somebody asks for a reset.
static void run_until_reset(void) {
    pyexec_frozen_module("_boot.py", false);
    int result = pyexec_file_if_exists("boot.py");
    if (!(result & PYEXEC_FORCED_EXIT) && pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL) {
        result = pyexec_file_if_exists("main.py");
    }
    while (!(result & PYEXEC_FORCED_EXIT)) {
        result = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
    }
}

static mp_obj_t simulator_run(void) {
    mp_hal_set_interrupt_char(-1);
    take_over();
    open_terminal();
    if (chdir(root_folder) != 0) {
        _exit(1);
    }
    readline_init0();
    mp_obj_dict_delete(MP_OBJ_FROM_PTR(mp_globals_get()), MP_OBJ_NEW_QSTR(MP_QSTR_simulator));
    run_until_reset();
    mp_hal_set_interrupt_char(-1);
    mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
    restart();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(simulator_run_obj, simulator_run);

static mp_obj_t simulator_root(void) {
    return mp_obj_new_str_from_cstr(root_folder);
}
static MP_DEFINE_CONST_FUN_OBJ_0(simulator_root_obj, simulator_root);

static const mp_rom_map_elem_t simulator_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_simulator) },
    { MP_ROM_QSTR(MP_QSTR_run), MP_ROM_PTR(&simulator_run_obj) },
    { MP_ROM_QSTR(MP_QSTR_root), MP_ROM_PTR(&simulator_root_obj) },
};
static MP_DEFINE_CONST_DICT(simulator_globals, simulator_globals_table);

const mp_obj_module_t simulator_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&simulator_globals,
};
MP_REGISTER_MODULE(MP_QSTR_simulator, simulator_module);
