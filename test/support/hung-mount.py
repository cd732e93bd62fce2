"""Mounts a file system that can be told to hang: `hung-mount.py FOLDER`. For root on Linux; needs /dev/fuse only.

It speaks the kernel's FUSE protocol itself (include/uapi/linux/fuse.h). Commands come on standard input, one a line,
and each is confirmed by the same word on standard output:

  deaf   take requests but never answer them, as a server does that lost its disk: who waits cannot be killed
  away   do not even take requests, as a stopped server does: who waits can be killed
  well   answer again, those first that were left waiting
  end    unmount and leave, as does the end of standard input
"""
import ctypes
import os
import selectors
import struct
import sys

GETATTR, STATFS, INIT, OPENDIR, RELEASEDIR, DESTROY = 3, 17, 26, 27, 29, 38
NO_REPLY = {2: 'FORGET', 36: 'INTERRUPT', 42: 'BATCH_FORGET'}
ENOSYS, ENODEV = 38, 19
MNT_DETACH = 2

folder = sys.argv[1].encode()
device = os.open('/dev/fuse', os.O_RDWR | os.O_NONBLOCK)
libc = ctypes.CDLL(None, use_errno=True)
options = f'fd={device},rootmode=40000,user_id=0,group_id=0,allow_other'.encode()
if libc.mount(b'hung', folder, b'fuse.hung', 0, options) != 0:
    sys.exit(f'mount: {os.strerror(ctypes.get_errno())}')


def reply(unique, body=b'', error=0):
    os.write(device, struct.pack('<IiQ', 16 + len(body), -error, unique) + body)


def answer(operation, unique):
    if operation == STATFS:
        blocks, free, available, files, files_free = 4000, 3000, 2500, 800, 700
        numbers = struct.pack('<5Q', blocks, free, available, files, files_free)
        reply(unique, numbers + struct.pack('<4I', 4096, 255, 4096, 0) + bytes(24))
    elif operation == GETATTR:
        times = struct.pack('<6Q3I', 1, 0, 0, 0, 0, 0, 0, 0, 0)
        # The attributes hold for no time, so that each look at the folder is a request.
        reply(unique, struct.pack('<QII', 0, 0, 0) + times + struct.pack('<7I', 0o40755, 2, 0, 0, 0, 4096, 0))
    elif operation == INIT:
        reply(unique, struct.pack('<4I2H2I2H8I', 7, 31, 0, 0, 8, 6, 65536, 1, 0, 0, *[0] * 8))
    elif operation == OPENDIR:
        reply(unique, bytes(16))
    elif operation in (RELEASEDIR, DESTROY):
        reply(unique)
    elif operation not in NO_REPLY:
        reply(unique, error=ENOSYS)


mood = 'well'
waiting = []
ready = selectors.DefaultSelector()
ready.register(sys.stdin, selectors.EVENT_READ)
ready.register(device, selectors.EVENT_READ)
print('mounted', flush=True)
while True:
    readable = {key.fileobj for key, _ in ready.select()}
    if sys.stdin in readable:
        command = os.read(sys.stdin.fileno(), 64).decode().strip()
        if command in ('', 'end'):
            libc.umount2(folder, MNT_DETACH)
            os._exit(0)
        if (command == 'away') != (mood == 'away'):
            if command == 'away':
                ready.unregister(device)
            else:
                ready.register(device, selectors.EVENT_READ)
        mood = command
        if mood == 'well':
            for operation, unique in waiting:
                answer(operation, unique)
            waiting.clear()
        print(command, flush=True)
    if device in readable and mood != 'away':
        try:
            request = os.read(device, 1 << 17)
        except BlockingIOError:
            continue
        except OSError as error:
            if error.errno == ENODEV:  # unmounted by somebody else
                sys.exit()
            continue
        operation, unique = struct.unpack_from('<4xIQ', request)
        if mood == 'deaf' and operation not in NO_REPLY:
            waiting.append((operation, unique))
        else:
            answer(operation, unique)
