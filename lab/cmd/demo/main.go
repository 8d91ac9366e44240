// Command demo shows the promise of mrsk on real hosts: it brings up three of
// them on this machine, deploys a small web app, deploys a second version
// while requests come in, and counts the requests that were lost.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"mrsk/lab"
)

// limit ends a demo that hangs; most of it is for building images.
const limit = 40 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := demo(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func demo(ctx context.Context) (err error) {
	say("Building mrsk, and bringing up three hosts with sshd and Docker, a registry and a deployer")
	dir, err := os.MkdirTemp("", "mrsk-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := lab.Build(ctx, dir, "cmd/mrsk", os.Stdout)
	if err != nil {
		return err
	}
	l, err := lab.Up(ctx, lab.Options{Hosts: 3, Binary: binary, Log: os.Stdout})
	if err != nil {
		return err
	}
	defer func() {
		if closed := l.Close(); err == nil {
			err = closed
		}
	}()
	return show(ctx, shop{l})
}

func say(text string) { fmt.Printf("\n### %s\n", text) }

// show is the demo itself, on a lab that is up.
func show(ctx context.Context, s shop) error {
	say("The app, in the deployer: a Dockerfile, and this config/deploy.yml")
	fmt.Print(deployYML)
	if err := s.create(ctx); err != nil {
		return err
	}
	say("First deploy: mrsk deploy")
	if err := s.mrsk(ctx, "deploy"); err != nil {
		return err
	}
	say("Second deploy, under traffic on every host: 120 requests a second over kept and new\n" +
		"### connections, and all the time a slow request and a slow upload in flight.\n" +
		"### The app dies at once on SIGTERM, as rude apps do.")
	if err := s.commit(ctx, "second"); err != nil {
		return err
	}
	report, took, err := s.underTraffic(ctx)
	if err != nil {
		return err
	}
	return verdict(s, report, took)
}

// verdict is the last line of the demo.
func verdict(s shop, r lab.Report, took time.Duration) error {
	fmt.Printf("\n%s requests served, %d lost, during a deploy of %.1f s on %d hosts\n",
		thousands(r.OK), r.Lost, took.Seconds(), len(s.lab.Hosts))
	if r.Lost > 0 {
		return fmt.Errorf("requests were lost:\n%s", r)
	}
	if r.Versions["second"].Count == 0 {
		return fmt.Errorf("the second version never answered:\n%s", r)
	}
	return nil
}

// thousands groups digits with spaces.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}
