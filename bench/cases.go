package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// table is what the bench prints in the end.
type table struct{ rows [][]string }

func (t *table) add(cells ...string) {
	t.rows = append(t.rows, cells)
	fmt.Println("bench: " + strings.Join(cells, ", "))
}

func (t *table) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nCASE\tMRSK\tSCRIPT\tRATIO\tTARGET\tVERDICT")
	for _, row := range t.rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
}

// measure takes all cases and prints what came out.
func (s *site) measure(ctx context.Context, pairs int) error {
	var t table
	for _, rtt := range []time.Duration{0, 50 * time.Millisecond} {
		if err := s.lab.SetRTT(ctx, rtt); err != nil {
			return err
		}
		if err := s.compare(ctx, &t, rtt, pairs); err != nil {
			return err
		}
	}
	if err := s.lab.SetRTT(ctx, 0); err != nil {
		return err
	}
	if err := s.footprint(ctx, &t); err != nil {
		return err
	}
	s.startUp(ctx, &t)
	if err := s.many(ctx, &t); err != nil {
		t.add("run true on 300 hosts", "-", "-", "", "", "not measured: "+firstLine(err))
	}
	t.print()
	return nil
}

// A case is measured for both tools by turns.
type work = func(ctx context.Context, t tool) (sample, error)

func (s *site) compare(ctx context.Context, t *table, rtt time.Duration, pairs int) error {
	name := fmt.Sprintf(" (%d ms round trip)", rtt.Milliseconds())
	last := map[string][]string{} // the versions of each tool, the newest last
	deploys, err := s.byTurns(ctx, pairs, func(ctx context.Context, w tool) (sample, error) {
		v, taken, err := s.deploy(ctx, w)
		last[w.name] = append(last[w.name], v)
		return taken, err
	})
	if err != nil {
		return err
	}
	t.ratio("deploy until all serve it"+name, deploys, servingOf, "1.15")
	t.ratio("deploy, whole command"+name, deploys, totalOf, "")
	rollbacks, err := s.byTurns(ctx, min(pairs, 3), func(ctx context.Context, w tool) (sample, error) {
		versions := last[w.name]
		back := versions[max(0, len(versions)-2)]
		last[w.name] = append(versions, back)
		return s.take(ctx, w, w.rollback, back)
	})
	if err != nil {
		return err
	}
	t.ratio("rollback until all serve it"+name, rollbacks, servingOf, "")
	details, err := s.byTurns(ctx, pairs, func(ctx context.Context, w tool) (sample, error) {
		return s.take(ctx, w, w.details, "")
	})
	if err != nil {
		t.add("details"+name, "-", "-", "-", "", "not measured: "+firstLine(err))
		return nil
	}
	t.ratio("details"+name, details, totalOf, "")
	return nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// byTurns measures both tools so often, one after the other, so that what else the machine does
// meets both.
func (s *site) byTurns(ctx context.Context, pairs int, do work) (map[string][]sample, error) {
	taken := map[string][]sample{}
	for range pairs {
		for _, t := range tools {
			one, err := do(ctx, t)
			if err != nil {
				return nil, err
			}
			taken[t.name] = append(taken[t.name], one)
		}
	}
	return taken, nil
}

func servingOf(s sample) time.Duration { return s.Serving }
func totalOf(s sample) time.Duration   { return s.Total }

func (t *table) ratio(name string, taken map[string][]sample, of func(sample) time.Duration, target string) {
	mine, theirs := median(taken["mrsk"], of), median(taken["script"], of)
	ratio := float64(mine) / float64(theirs)
	verdict := ""
	if target != "" {
		verdict = verdictOn(ratio <= limitOf(target))
		target = "≤ " + target
	}
	t.add(name, seconds(mine), seconds(theirs), fmt.Sprintf("%.2f", ratio), target, verdict)
}

func limitOf(target string) float64 {
	var limit float64
	_, _ = fmt.Sscan(target, &limit) // ours, so it is a number
	return limit
}

func verdictOn(held bool) string {
	if held {
		return "held"
	}
	return "missed"
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func median(samples []sample, of func(sample) time.Duration) time.Duration {
	var all []time.Duration
	for _, s := range samples {
		all = append(all, of(s))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// medianOf takes the medians of times, and the most of all else.
func medianOf(samples []sample) sample {
	m := sample{Serving: median(samples, servingOf), Total: median(samples, totalOf)}
	for _, s := range samples {
		m.CPU = max(m.CPU, s.CPU)
		m.Peak = max(m.Peak, s.Peak)
	}
	return m
}

// The most that a deploy may need.
const (
	maxExecs = 8
	maxPeak  = 64 << 10 // KiB
	maxStart = 10 * time.Millisecond
)

// footprint is what one deploy needs beside time.
func (s *site) footprint(ctx context.Context, t *table) error {
	before, err := s.execs(ctx)
	if err != nil {
		return err
	}
	_, taken, err := s.deploy(ctx, tools[0])
	if err != nil {
		return err
	}
	after, err := s.execs(ctx)
	if err != nil {
		return err
	}
	execs := after - before
	t.add("SSH commands per host and deploy", fmt.Sprint(execs), "1", "", fmt.Sprintf("≤ %d", maxExecs), verdictOn(execs <= maxExecs))
	t.add("peak memory of a deploy", megabytes(taken.Peak), "", "", "≤ 64 MB", verdictOn(taken.Peak <= maxPeak))
	return nil
}

// startUp is how long commands take that only start and print.
func (s *site) startUp(ctx context.Context, t *table) {
	for _, command := range []string{"version", "config"} {
		name := "mrsk " + command + " (start-up)"
		taken, err := s.inside(ctx, "--times", "20", "sh", "-c", "cd /tool && exec mrsk "+command)
		if err != nil {
			t.add(name, "-", "", "", "≤ 10 ms", "not measured: "+firstLine(err))
			continue
		}
		t.add(name, fmt.Sprintf("%.1f ms", float64(taken.Total.Microseconds())/1000), "", "", "≤ 10 ms", verdictOn(taken.Total <= maxStart))
	}
}
