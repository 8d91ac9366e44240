package image

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// lockFile locks the file at path until release is called or the process ends, so that no two builds
// change one clone at the same time. It calls waiting once if another process holds the lock. If ctx
// ends first, it returns the cause.
func lockFile(ctx context.Context, path string, waiting func()) (release func(), err error) {
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

// waitFor polls for the lock, because a context cannot interrupt a blocking flock.
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

// isPrivate reports whether dir is a folder of the user and no other user can write to it.
func isPrivate(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&0o022 != 0 {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Getuid()
}
