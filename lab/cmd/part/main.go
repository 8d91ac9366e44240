// Command part is what the lab puts into its containers as lab: the commands
// that run there and nothing else, so that images stay as they are when only
// the code that brings labs up changes.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"mrsk/lab/internal/part"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	if len(args) == 0 || part.Commands()[args[0]] == nil {
		fmt.Fprintln(os.Stderr, "usage: lab agent|app|sleep|traffic|balance|relay [--help]")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return part.Code(part.Commands()[args[0]](ctx, args[1:]))
}
