// Command lab brings up hosts on this machine, each a container with sshd and
// a Docker engine of its own, for tests, benchmarks and demos of mrsk. The
// smaller parts that its containers run are commands of it, too.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"mrsk/lab/internal/part"
)

const usage = `lab brings up real hosts on one machine: containers with sshd and Docker.

On your machine:
  lab up [--name demo] [--hosts 3] [...]   bring a lab up and leave it running
  lab list                                 the labs there are
  lab exec [--name demo] PART CMD...       run a command in vm1, deployer, registry...
  lab rtt [--name demo] 50ms               set the round-trip time of SSH
  lab down [--name demo | --all]           remove a lab, and what dead ones left
  lab images                               build the images that are missing

Inside a lab's containers:
  lab app | sleep                          the sample app, the sample worker
  lab traffic                              send requests and keep book
  lab balance                              spread requests over hosts
  lab relay                                pass TCP on as over a slow line

lab COMMAND --help tells a command's flags.
`

// A command gets the arguments after its name.
type command = func(ctx context.Context, args []string) error

func commands() map[string]command {
	return map[string]command{
		"up": up, "down": down, "list": list, "exec": execute, "images": images, "rtt": rtt,
	}
}

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		fmt.Print(usage)
		return 0
	}
	cmd, known := commands()[args[0]]
	if !known {
		cmd, known = part.Commands()[args[0]]
	}
	if !known {
		fmt.Fprintf(os.Stderr, "error: unknown command %q\nhint: lab --help\n", args[0])
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := cmd(ctx, args[1:])
	var ended endedError
	if errors.As(err, &ended) {
		return ended.code
	}
	return part.Code(err)
}

// endedError is the end of a program that has told the user its story itself.
type endedError struct{ code int }

// Error is needed by the interface and shown to nobody.
func (e endedError) Error() string { return fmt.Sprintf("exit code %d", e.code) }
