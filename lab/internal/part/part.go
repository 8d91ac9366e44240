// Package part holds the commands that run inside a lab's containers.
package part

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"mrsk/lab/internal/agent"
	"mrsk/lab/internal/app"
	"mrsk/lab/internal/balance"
	"mrsk/lab/internal/load"
	"mrsk/lab/internal/relay"
)

// Commands are the parts by name; each gets the arguments after its name.
func Commands() map[string]func(ctx context.Context, args []string) error {
	return map[string]func(context.Context, []string) error{
		"app": runApp, "sleep": work, "traffic": sendTraffic, "balance": balanceLoad, "relay": relayBytes,
		"agent": runPrograms,
	}
}

// UsageError marks an error that the flag package has told already.
type UsageError struct{ error }

// Parse reads flags; what stands behind them is left in the set's Args.
func Parse(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	return UsageError{err}
}

// Code is the exit code for an error, which it tells on standard error when
// nobody has.
func Code(err error) int {
	var usage UsageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		return 2
	}
	fmt.Fprintln(os.Stderr, "error:", err)
	return 1
}

// texts is a flag that may be given several times.
type texts []string

func (t *texts) String() string     { return strings.Join(*t, ",") }
func (t *texts) Set(v string) error { *t = append(*t, v); return nil }

func terminations() <-chan os.Signal {
	term := make(chan os.Signal, 4)
	signal.Notify(term, syscall.SIGTERM, os.Interrupt)
	return term
}

func runApp(_ context.Context, args []string) error {
	settings, err := app.FromEnv(os.Getenv)
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("app", flag.ContinueOnError)
	flags.StringVar(&settings.Addr, "listen", settings.Addr, "address to listen on ($PORT)")
	flags.StringVar(&settings.Version, "version", settings.Version, "version to tell ($VERSION, or the file $VERSION_FILE)")
	flags.StringVar(&settings.TermMode, "term", settings.TermMode, "on SIGTERM: polite, rude or ignore ($TERM_MODE)")
	flags.DurationVar(&settings.UnhealthyFor, "unhealthy-for", settings.UnhealthyFor, "/up says 503 for so long ($UNHEALTHY_FOR, or \"forever\" there)")
	flags.DurationVar(&settings.BootDelay, "boot-delay", settings.BootDelay, "wait before listening ($BOOT_DELAY)")
	flags.BoolVar(&settings.Crash, "crash", settings.Crash, "crash at start ($CRASH)")
	if err := Parse(flags, args); err != nil {
		return err
	}
	return app.New(settings, os.Stderr).Run(terminations(), nil)
}

func work(context.Context, []string) error {
	app.Work(os.Stdout, os.Getenv("TERM_MODE"), terminations())
	return nil
}

// runPrograms does so for whoever is at the other end of standard input and output.
func runPrograms(context.Context, []string) error {
	return agent.Serve(struct {
		io.Reader
		io.WriteCloser
	}{os.Stdin, os.Stdout})
}

func balanceLoad(ctx context.Context, args []string) error {
	var hosts texts
	flags := flag.NewFlagSet("balance", flag.ContinueOnError)
	listen := flags.String("listen", ":80", "address to listen on")
	flags.Var(&hosts, "to", "a host's `address`, as vm1:80; may be repeated")
	if err := Parse(flags, args); err != nil {
		return err
	}
	server := &http.Server{Addr: *listen, Handler: balance.New(hosts)}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func relayBytes(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("relay", flag.ContinueOnError)
	listen := flags.String("listen", ":2222", "address to listen on")
	to := flags.String("to", "", "address to pass on to")
	delay := flags.Duration("rtt", 0, "round-trip time to mimic")
	file := flags.String("rtt-file", "", "read the round-trip time from this file, now and at each SIGHUP")
	if err := Parse(flags, args); err != nil {
		return err
	}
	r := relay.New(*to, *delay)
	if *file != "" {
		stop := followFile(r, *file)
		defer stop()
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	if err := r.Serve(ctx, listener); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// followFile lets the round-trip time change under open connections.
func followFile(r *relay.Relay, path string) (stop func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	read := func() {
		content, err := os.ReadFile(path)
		if err != nil {
			return
		}
		if d, err := time.ParseDuration(strings.TrimSpace(string(content))); err == nil {
			r.SetRTT(d)
		}
	}
	read()
	go func() {
		for range hangups {
			read()
		}
	}()
	return func() { signal.Stop(hangups); close(hangups) }
}

func sendTraffic(ctx context.Context, args []string) error {
	var o load.Options
	flags := flag.NewFlagSet("traffic", flag.ContinueOnError)
	flags.Var((*texts)(&o.URLs), "url", "a `URL` to fetch; may be repeated, each gets the whole rate")
	flags.StringVar(&o.Host, "host", "", "Host header")
	flags.Float64Var(&o.Rate, "rate", 100, "requests per second and URL")
	flags.IntVar(&o.Kept, "kept", 4, "kept connections per URL; their share of the requests is kept/(kept+new)")
	flags.IntVar(&o.New, "new", 4, "share of requests with a new connection each")
	flags.IntVar(&o.Slow, "slow", 0, "slow requests in flight per URL")
	flags.DurationVar(&o.SlowFor, "slow-for", 3*time.Second, "how long the app takes for a slow request")
	flags.IntVar(&o.Upload, "upload", 0, "slow uploads in flight per URL")
	flags.DurationVar(&o.SlowBody, "upload-for", 3*time.Second, "how long an upload trickles")
	flags.DurationVar(&o.For, "for", time.Minute, "stop after so long")
	flags.DurationVar(&o.Timeout, "timeout", 30*time.Second, "an answer that takes longer is lost")
	until := flags.String("until", "", "stop as soon as this file exists")
	out := flags.String("out", "", "write the report as JSON to this file, else to standard output")
	if err := Parse(flags, args); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go stopAt(ctx, *until, cancel)
	report, err := load.Run(ctx, o, func() { fmt.Fprintln(os.Stderr, "sending") })
	if err != nil {
		return err
	}
	return write(report, *out)
}

// stopAt looks for a file, because a process started by docker exec gets no
// signal when its client ends.
func stopAt(ctx context.Context, path string, stop func()) {
	if path == "" {
		return
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if _, err := os.Stat(path); err == nil {
				stop()
				return
			}
		}
	}
}

func write(report load.Report, path string) error {
	content, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	content = append(content, '\n')
	if path == "" {
		_, err = os.Stdout.Write(content)
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
