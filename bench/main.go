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

	"mrsk/lab"
)

func main() {
	run := bench
	if len(os.Args) > 1 && os.Args[1] == insideCommand {
		run = inside
	}
	lab.Main(run)
}

func bench(ctx context.Context) error {
	pairs := flag.Int("pairs", 5, "how often each case is measured, by turns with the script")
	flag.Parse()
	dir, err := os.MkdirTemp("", "mrsk-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := lab.Build(ctx, dir, "bench", os.Stdout)
	if err != nil {
		return err
	}
	fmt.Println("bench: three hosts and a deployer; about 5 minutes once the lab's images are there")
	return lab.With(ctx, lab.Options{Hosts: 3, Log: os.Stdout}, func(l *lab.Lab) error {
		s := &site{lab: l}
		if err := s.prepare(ctx, self); err != nil {
			return err
		}
		return s.measure(ctx, *pairs)
	})
}
