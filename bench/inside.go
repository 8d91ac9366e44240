package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// insideCommand is how the bench calls itself in the deployer.
const insideCommand = "inside"

// sample is what one run of a command took.
type sample struct {
	Serving time.Duration `json:"serving"` // until every host served the new version, 0 if not watched
	Total   time.Duration `json:"total"`   // until the command ended
	CPU     time.Duration `json:"cpu"`     // of the command with its children
	Peak    int           `json:"peak"`    // of the command's memory, in KiB, without its children
}

// inside runs a command and, at the same time, asks the hosts for their version. It prints a
// sample as JSON.
func inside(ctx context.Context) error {
	flags := flag.NewFlagSet(insideCommand, flag.ContinueOnError)
	want := flags.String("want", "", "the version to wait for; none if empty")
	host := flags.String("host", "", "Host header")
	times := flags.Int("times", 1, "run the command so often, and tell the median")
	if err := flags.Parse(os.Args[2:]); err != nil {
		return err
	}
	samples := make([]sample, *times)
	for i := range samples {
		var err error
		if samples[i], err = watched(ctx, flags.Args(), *want, *host); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(medianOf(samples))
}

// serveLimit is how long after the end of the command the hosts may still need.
const serveLimit = 10 * time.Second

func watched(ctx context.Context, argv []string, want, host string) (sample, error) {
	start := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan time.Duration, 1)
	if want != "" {
		go func() { served <- serving(ctx, start, want, host) }()
	}
	s, err := timed(ctx, argv, start)
	if err != nil || want == "" {
		return s, err
	}
	select {
	case s.Serving = <-served:
	case <-time.After(serveLimit):
		return s, fmt.Errorf("%s ended, but %s is not served", strings.Join(argv, " "), want)
	}
	return s, nil
}

func timed(ctx context.Context, argv []string, start time.Time) (sample, error) {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	ended := make(chan struct{})
	peak := make(chan int, 1)
	go func() { peak <- peakOf(cmd.Process.Pid, ended) }()
	err := cmd.Wait()
	total := time.Since(start)
	close(ended)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, output.String())
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return sample{Total: total, CPU: cpu, Peak: <-peak}, nil
}

// peakOf looks at a process until it ends. The kernel keeps the peak itself; it is only asked
// again and again because it tells nothing of a process that has ended, and the figure that
// comes with the end has that of its children in it.
func peakOf(pid int, ended <-chan struct{}) int {
	peak := 0
	for {
		peak = max(peak, highWater(pid))
		select {
		case <-ended:
			return peak
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func highWater(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(words[0])
	return n
}

// serving asks every host until each one has answered with the version.
func serving(ctx context.Context, start time.Time, want, host string) time.Duration {
	var all sync.WaitGroup
	for _, vm := range hosts {
		all.Go(func() {
			for ctx.Err() == nil && version(ctx, vm, host) != want {
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

func version(ctx context.Context, vm, host string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+vm+"/version", nil)
	if err != nil {
		return ""
	}
	request.Host = host
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	return strings.TrimSpace(string(body))
}
