package image

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// hold takes the lock of a file, so that two builds do not change one clone under each other's
// feet; the lock ends with release, or with the process. waiting is called once when somebody
// else has it. It fails with the cause when ctx ends first.
func hold(ctx context.Context, path string, waiting func()) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = flock(file)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		waiting()
		err = waitFor(ctx, file)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}

// waitFor asks again and again: flock's own waiting cannot be ended by a context.
func waitFor(ctx context.Context, file *os.File) error {
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-again.C:
		}
		if err := flock(file); !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
	}
}

func flock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// private reports whether only the user can write to the folder dir.
func private(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&0o022 != 0 {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Getuid()
}
