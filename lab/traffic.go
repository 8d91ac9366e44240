package lab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"time"

	"mrsk/lab/internal/load"
)

// TrafficOptions say which requests to send from inside the lab, where to, and how often.
type TrafficOptions = load.Options

// Report counts the answers to the traffic.
type Report = load.Report

// Tally counts a part of the requests in a report.
type Tally = load.Tally

// Failure is one lost request in a report.
type Failure = load.Failure

// Seen has the times at which a version answered.
type Seen = load.Seen

// Traffic is a generator that runs in the deployer.
type Traffic struct {
	lab    *Lab
	until  string // the generator ends when this file exists
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr *bufio.Reader
}

// Traffic starts to send requests and returns when they flow. It ends by
// itself after o.For.
func (l *Lab) Traffic(ctx context.Context, o TrafficOptions) (*Traffic, error) {
	t := &Traffic{lab: l, until: "/tmp/traffic-" + randomName()}
	args := append([]string{"lab", "traffic", "--until", t.until}, trafficFlags(o)...)
	t.cmd = l.Deployer.Command(ctx, args...)
	t.cmd.Stdout = &t.stdout
	stderr, err := t.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := t.cmd.Start(); err != nil {
		return nil, err
	}
	t.stderr = bufio.NewReader(stderr)
	if line, err := t.stderr.ReadString('\n'); line != "sending\n" {
		rest, _ := io.ReadAll(t.stderr)
		return nil, fmt.Errorf("start traffic: %w%s", errors.Join(err, t.cmd.Wait()), tail(line+string(rest)))
	}
	return t, nil
}

func trafficFlags(o TrafficOptions) []string {
	args := []string{
		"--host", o.Host,
		"--rate", strconv.FormatFloat(o.Rate, 'f', -1, 64),
		"--kept", strconv.Itoa(o.Kept), "--new", strconv.Itoa(o.New),
		"--slow", strconv.Itoa(o.Slow), "--upload", strconv.Itoa(o.Upload),
	}
	for _, url := range o.URLs {
		args = append(args, "--url", url)
	}
	for flag, d := range map[string]time.Duration{
		"--slow-for": o.SlowFor, "--upload-for": o.SlowBody, "--for": o.For, "--timeout": o.Timeout,
	} {
		if d > 0 {
			args = append(args, flag, d.String())
		}
	}
	return args
}

// Stop ends the traffic, waits for the answers to what is in flight, and
// returns the book.
func (t *Traffic) Stop() (Report, error) {
	_, touched := t.lab.Deployer.Exec(context.Background(), "touch", t.until)
	report, err := t.Wait()
	return report, firstOf(err, touched)
}

// Wait waits until the traffic ends by itself, and returns the report.
func (t *Traffic) Wait() (Report, error) {
	rest, _ := io.ReadAll(t.stderr)
	if err := t.cmd.Wait(); err != nil {
		return Report{}, fmt.Errorf("traffic: %w%s", err, tail(string(rest)))
	}
	var r Report
	err := json.Unmarshal(t.stdout.Bytes(), &r)
	return r, err
}
