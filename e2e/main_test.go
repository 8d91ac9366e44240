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

func run(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 70*time.Minute)
	defer cancel()
	o := lab.Options{Hosts: 3, Shells: []string{"dash", "bash", "busybox"}, Log: os.Stderr}
	err = lab.With(ctx, o, func(l *lab.Lab) error {
		shared = l
		code = m.Run()
		return nil
	})
	return code, err
}
