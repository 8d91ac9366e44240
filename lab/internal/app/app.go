// Package app is the sample web app that the lab's images run: a small HTTP
// server whose start, health and end can be made to go wrong on purpose.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Forever as Settings.UnhealthyFor keeps the app unhealthy for good.
const Forever = time.Duration(1<<63 - 1)

// What the app does when it is told to end (Settings.TermMode).
const (
	Polite = "polite" // accept nothing new, finish what is in flight
	Rude   = "rude"   // be gone at once
	Ignore = "ignore" // stay until killed
)

// Settings is how one start of the app behaves.
type Settings struct {
	Addr    string // where to listen
	Version string // what /version says

	BootDelay     time.Duration // wait before listening
	UnhealthyFor  time.Duration // /up says 503 for so long after the start
	UnhealthyFile string        // /up says 503 while this file exists
	CrashFile     string        // crash at start when this file exists
	Crash         bool          // crash at start
	FlapFile      string        // /up says 500 half of the time while this file exists
	DieFile       string        // end the time after the first healthy answer that this file says

	TermMode string // Polite, Rude or Ignore
}

// FromEnv reads the settings from environment variables, see the README of the lab.
func FromEnv(getenv func(string) string) (Settings, error) {
	s := Settings{
		Addr:          getenv("BIND") + ":" + or(getenv("PORT"), "80"),
		Version:       version(getenv),
		UnhealthyFile: getenv("UNHEALTHY_FILE"),
		CrashFile:     getenv("CRASH_FILE"),
		Crash:         getenv("CRASH") != "",
		FlapFile:      getenv("FLAP_FILE"),
		DieFile:       getenv("DIE_FILE"),
		TermMode:      or(getenv("TERM_MODE"), Polite),
	}
	var delay, unhealthy error
	s.BootDelay, delay = period(getenv("BOOT_DELAY"))
	s.UnhealthyFor, unhealthy = period(getenv("UNHEALTHY_FOR"))
	return s, errors.Join(delay, unhealthy)
}

// version comes from VERSION, else from the file that an image was built with.
func version(getenv func(string) string) string {
	if v := getenv("VERSION"); v != "" {
		return v
	}
	content, err := os.ReadFile(or(getenv("VERSION_FILE"), "/etc/app-version"))
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(content))
}

func period(text string) (time.Duration, error) {
	switch text {
	case "":
		return 0, nil
	case "forever":
		return Forever, nil
	}
	return time.ParseDuration(text)
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// App is one running sample app.
type App struct {
	settings Settings
	out      *log.Logger
	healthy  time.Time
	dying    sync.Once
}

// New prepares an app that tells about itself on out.
func New(s Settings, out io.Writer) *App {
	return &App{settings: s, out: log.New(out, "", 0), healthy: after(time.Now(), s.UnhealthyFor)}
}

// after avoids the overflow that time.Time.Add has with Forever.
func after(t time.Time, d time.Duration) time.Time {
	if d == Forever {
		return t.AddDate(1000, 0, 0)
	}
	return t.Add(d)
}

// ErrCrashed reports that the app crashed, as its settings require.
var ErrCrashed = errors.New("crashed, as it was told to")

// Run serves until term delivers, then ends in the way the settings say.
// ready, when not nil, gets the address that is listened on.
func (a *App) Run(term <-chan os.Signal, ready func(net.Addr)) error {
	if a.settings.Crash || exists(a.settings.CrashFile) {
		return a.crash()
	}
	time.Sleep(a.settings.BootDelay)
	listener, err := net.Listen("tcp", a.settings.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	a.out.Printf("booted version %s", a.settings.Version)
	if ready != nil {
		ready(listener.Addr())
	}
	return a.serve(listener, term)
}

func (a *App) crash() error {
	a.out.Printf("booting version %s", a.settings.Version)
	a.out.Print("connecting to the database")
	a.out.Print("panic: relation \"users\" does not exist")
	return ErrCrashed
}

func (a *App) serve(listener net.Listener, term <-chan os.Signal) error {
	server := &http.Server{Handler: a.Handler()}
	failed := make(chan error, 1)
	var serving sync.WaitGroup
	serving.Go(func() { failed <- server.Serve(listener) })
	defer serving.Wait()
	for {
		select {
		case err := <-failed:
			return err
		case <-term:
			if a.settings.TermMode != Ignore {
				return a.end(server)
			}
		}
	}
}

func (a *App) end(server *http.Server) error {
	if a.settings.TermMode == Rude {
		return server.Close()
	}
	a.out.Print("finishing what is in flight")
	err := server.Shutdown(context.Background())
	a.out.Print("bye")
	return err
}

func exists(path string) bool {
	if path == "" {
		return false
	}
	_, err := os.Stat(path)
	return err == nil
}

// Work is the worker role: it says that it works, and stays until term delivers.
func Work(out io.Writer, termMode string, term <-chan os.Signal) {
	fmt.Fprintln(out, "working")
	for range term {
		if termMode != Ignore {
			break
		}
	}
	fmt.Fprintln(out, "stopped working")
}
