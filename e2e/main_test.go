//go:build e2e

// Package e2e proves the promises on real hosts: sshd, dockerd, Traefik and a registry of the
// lab. One lab of three hosts serves all tests of a run, one test at a time; each begins with
// hosts on which nothing of mrsk is left.
package e2e

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"mrsk/lab"
)

// shared is the lab of the run.
var shared *lab.Lab

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 80*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "mrsk-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := lab.Build(ctx, dir, "cmd/mrsk", os.Stderr)
	if err != nil {
		return 0, err
	}
	shared, err = lab.Up(ctx, lab.Options{Hosts: 3, Shells: []string{"dash", "bash", "busybox"}, Binary: binary, Log: os.Stderr})
	if err != nil {
		return 0, err
	}
	if os.Getenv("E2E_KEEP") == "" {
		defer func() { _ = shared.Close() }()
	}
	return m.Run(), nil
}
