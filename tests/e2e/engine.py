"""Calls of the docker client."""
import subprocess

#: What runc says when it loses a container before the program in it starts: a fault of the machine, no verdict on an image.
LOST = "waiting for init preliminary setup"
ATTEMPTS = 3


def docker(*words, **options):
    """Runs `docker`: its exit code and all that it printed. A container that is lost before it starts is started again."""
    for attempt in range(ATTEMPTS):
        done = subprocess.run(["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900,
                              **options)
        if done.returncode == 0 or LOST not in done.stdout:
            break
        print(f"attempt {attempt + 1}, the engine lost a container: docker {' '.join(words)[:100]}", flush=True)
    return done.returncode, done.stdout
