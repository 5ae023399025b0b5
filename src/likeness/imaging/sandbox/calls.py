"""System calls by their names, and the numbers that two kinds of machine know them by."""

from typing import Final, NamedTuple


class Architecture(NamedTuple):
    """One machine: its audit number, and the number of each system call that a policy names."""

    audit: int
    calls: dict[str, int]


def _numbers(text: str) -> dict[str, int]:
    pairs = (item.split("=") for item in text.split())
    return {name: int(number) for name, number in pairs}


ARCHITECTURES: Final = {
    "x86_64": Architecture(
        0xC000003E,
        _numbers(
            "read=0 write=1 open=2 close=3 stat=4 fstat=5 lstat=6 poll=7 lseek=8 mmap=9 "
            "mprotect=10 munmap=11 brk=12 rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 "
            "ioctl=16 writev=20 access=21 select=23 sched_yield=24 mremap=25 madvise=28 dup2=33 "
            "nanosleep=35 getpid=39 socket=41 connect=42 sendto=44 recvfrom=45 recvmsg=47 "
            "getsockname=51 getsockopt=55 clone=56 fork=57 vfork=58 exit=60 wait4=61 kill=62 "
            "uname=63 fcntl=72 getcwd=79 readlink=89 gettimeofday=96 getrusage=98 sysinfo=99 "
            "getppid=110 sigaltstack=131 prctl=157 gettid=186 futex=202 sched_getaffinity=204 "
            "set_tid_address=218 restart_syscall=219 clock_gettime=228 clock_getres=229 "
            "clock_nanosleep=230 exit_group=231 tgkill=234 openat=257 newfstatat=262 "
            "readlinkat=267 faccessat=269 pselect6=270 ppoll=271 set_robust_list=273 dup3=292 "
            "prlimit64=302 getcpu=309 seccomp=317 getrandom=318 membarrier=324 statx=332 rseq=334 "
            "clone3=435 close_range=436 faccessat2=439"
        ),
    ),
    "aarch64": Architecture(
        0xC00000B7,
        _numbers(
            "getcwd=17 dup3=24 fcntl=25 ioctl=29 faccessat=48 openat=56 close=57 lseek=62 read=63 "
            "write=64 writev=66 pselect6=72 ppoll=73 readlinkat=78 newfstatat=79 fstat=80 exit=93 "
            "exit_group=94 set_tid_address=96 futex=98 set_robust_list=99 nanosleep=101 "
            "clock_gettime=113 clock_getres=114 clock_nanosleep=115 sched_getaffinity=123 "
            "sched_yield=124 restart_syscall=128 kill=129 tgkill=131 sigaltstack=132 "
            "rt_sigaction=134 rt_sigprocmask=135 rt_sigreturn=139 uname=160 getrusage=165 "
            "prctl=167 getcpu=168 gettimeofday=169 getpid=172 getppid=173 gettid=178 sysinfo=179 "
            "socket=198 connect=203 getsockname=204 sendto=206 recvfrom=207 getsockopt=209 "
            "recvmsg=212 brk=214 munmap=215 mremap=216 clone=220 mmap=222 mprotect=226 "
            "madvise=233 wait4=260 prlimit64=261 seccomp=277 getrandom=278 membarrier=283 "
            "statx=291 rseq=293 clone3=435 close_range=436 faccessat2=439"
        ),
    ),
}
"""Only x86_64 was run; the numbers of aarch64 are those of its kernel headers."""
