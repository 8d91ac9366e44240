// Command bench measures mrsk on real hosts: deploy, rollback and details, each as a ratio to a
// hand-written script that does the same work in Docker over one plain ssh connection per host,
// taken in turns in the same run. It prints a table and asserts nothing: a time is a fact of the
// machine that it was measured on.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"mrsk/lab"
)

// limit ends a run that hangs; most of it is for building images.
const limit = 40 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	run := bench
	if len(os.Args) > 1 && os.Args[1] == insideCommand {
		run = inside
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context) (err error) {
	pairs := flag.Int("pairs", 5, "how often each case is measured, by turns with the script")
	flag.Parse()
	dir, err := os.MkdirTemp("", "mrsk-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := lab.Build(ctx, dir, "cmd/mrsk", os.Stdout)
	if err != nil {
		return err
	}
	self, err := lab.Build(ctx, dir, "bench", os.Stdout)
	if err != nil {
		return err
	}
	fmt.Println("bench: three hosts and a deployer; about 5 minutes once the lab's images are there")
	l, err := lab.Up(ctx, lab.Options{Hosts: 3, Binary: binary, Log: os.Stdout})
	if err != nil {
		return err
	}
	defer func() {
		if closed := l.Close(); err == nil {
			err = closed
		}
	}()
	s := &site{lab: l}
	if err := s.prepare(ctx, self); err != nil {
		return err
	}
	return s.measure(ctx, *pairs)
}
