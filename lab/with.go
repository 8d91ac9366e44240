package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// limit ends a program that hangs; most of it is for building images.
const limit = 40 * time.Minute

// Main runs a program that works with a lab: a signal or the limit ends it, and its error is
// printed and ends the process with status 1.
func Main(run func(ctx context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// With builds mrsk and brings a lab up with it in the deployer, for as long as use takes. What
// takes long is told to o.Log, which must not be nil.
func With(ctx context.Context, o Options, use func(*Lab) error) (err error) {
	dir, err := os.MkdirTemp("", "mrsk-lab-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.Binary, err = Build(ctx, dir, "cmd/mrsk", o.Log); err != nil {
		return err
	}
	l, err := Up(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return use(l)
}
