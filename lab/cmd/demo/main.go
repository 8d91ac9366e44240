// Command demo shows the promise of mrsk on real hosts: it brings up three of
// them on this machine, deploys a small web app, deploys a second version
// while requests come in, and counts the requests that were lost.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"mrsk/lab"
)

func main() { lab.Main(demo) }

func demo(ctx context.Context) error {
	say("Building mrsk, and bringing up three hosts with sshd and Docker, and a deployer. There is no registry.")
	// Docker 26 is installed in seconds, where Docker 29 is built in minutes.
	return lab.With(ctx, lab.Options{Hosts: 3, Engine: lab.Docker26, NoRegistry: true, Log: os.Stdout}, func(l *lab.Lab) error { return show(ctx, shop{l}) })
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
