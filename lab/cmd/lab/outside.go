package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"
	"time"

	"mrsk/lab"
	"mrsk/lab/internal/part"
)

const defaultName = "demo"

func up(ctx context.Context, args []string) error {
	o := lab.Options{Keep: true, Log: os.Stderr}
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	flags.StringVar(&o.Name, "name", defaultName, "name of the lab")
	flags.IntVar(&o.Hosts, "hosts", 3, "how many hosts")
	flags.StringVar((*string)(&o.Engine), "engine", string(lab.DefaultEngine()), "Docker of the hosts, 29, 26 or 20.10 ($LAB_ENGINE)")
	flags.DurationVar(&o.RTT, "rtt", 0, "round-trip time of SSH to the hosts, as 50ms")
	flags.StringVar(&o.Binary, "binary", "", "mrsk to put into the deployer")
	flags.StringVar(&o.Store, "store", "", "keep what is pushed to the registry under this name")
	shells := flags.String("shells", "", "/bin/sh of each host, as dash,bash,busybox")
	balanced := flags.String("balanced", "", "hosts behind the balancer, as vm1,vm2; all if empty")
	if err := part.Parse(flags, args); err != nil {
		return err
	}
	o.Shells, o.Balanced = words(*shells), words(*balanced)
	l, err := lab.Up(ctx, o)
	if err != nil {
		return err
	}
	fmt.Printf(upText, l.Name, len(l.Hosts))
	return nil
}

const upText = `lab %[1]s is up: vm1 to vm%[2]d, deployer, registry:5000, http://balancer
  go run ./lab/cmd/lab exec --name %[1]s deployer bash
  go run ./lab/cmd/lab down --name %[1]s
`

func words(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func down(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("down", flag.ContinueOnError)
	name := flags.String("name", defaultName, "name of the lab")
	all := flags.Bool("all", false, "remove all labs, also those that are in use")
	if err := part.Parse(flags, args); err != nil {
		return err
	}
	if !*all {
		return firstOf(lab.Remove(ctx, *name), lab.Sweep(ctx))
	}
	infos, err := lab.List(ctx)
	for _, info := range infos {
		err = firstOf(err, lab.Remove(ctx, info.Name))
	}
	return err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func list(ctx context.Context, args []string) error {
	if err := part.Parse(flag.NewFlagSet("list", flag.ContinueOnError), args); err != nil {
		return err
	}
	infos, err := lab.List(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tHOSTS\tSTATE")
	for _, info := range infos {
		fmt.Fprintf(table, "%s\t%d\t%s\n", info.Name, info.Hosts, state(info))
	}
	return table.Flush()
}

func state(info lab.Info) string {
	switch {
	case info.Keep:
		return "kept"
	case info.Alive:
		return "in use"
	}
	return "abandoned"
}

func execute(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("exec", flag.ContinueOnError)
	name := flags.String("name", defaultName, "name of the lab")
	if err := part.Parse(flags, args); err != nil {
		return err
	}
	if flags.NArg() < 2 {
		return fmt.Errorf("exec needs a part and a command, as: exec vm1 docker ps")
	}
	l, err := lab.Open(ctx, *name)
	if err != nil {
		return err
	}
	host := l.Host(flags.Arg(0))
	if host == nil {
		return fmt.Errorf("lab %s has no %q", *name, flags.Arg(0))
	}
	cmd := host.Interactive(ctx, flags.Args()[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return endedError{code: ended.ExitCode()}
	}
	return err
}

func images(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("images", flag.ContinueOnError)
	engines := flags.String("engines", string(lab.DefaultEngine()), "Docker of the hosts, as 29,26,20.10 ($LAB_ENGINE)")
	if err := part.Parse(flags, args); err != nil {
		return err
	}
	var asked []lab.Engine
	for _, engine := range words(*engines) {
		asked = append(asked, lab.Engine(engine))
	}
	return lab.Images(ctx, os.Stderr, asked...)
}

func rtt(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("rtt", flag.ContinueOnError)
	name := flags.String("name", defaultName, "name of the lab")
	if err := part.Parse(flags, args); err != nil {
		return err
	}
	d, err := time.ParseDuration(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("rtt needs a time, as 50ms: %w", err)
	}
	l, err := lab.Open(ctx, *name)
	if err != nil {
		return err
	}
	return l.SetRTT(ctx, d)
}
