package local

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

// NoBrowserError reports that no program to open a URL was found.
type NoBrowserError struct{ Tried string }

func (e *NoBrowserError) Error() string {
	return fmt.Sprintf("open the browser: %s is not installed", e.Tried)
}

// Hint says how to do without.
func (e *NoBrowserError) Hint() string { return "add --print and open the URL yourself" }

// OpenURL opens a URL in the user's browser, with the program that the desktop has for it.
func OpenURL(ctx context.Context, url string) error {
	argv := []string{"xdg-open", url}
	switch runtime.GOOS {
	case "darwin":
		argv = []string{"open", url}
	case "windows":
		argv = []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	_, err := Run(ctx, Command{Argv: argv})
	var missing *MissingError
	if errors.As(err, &missing) {
		return &NoBrowserError{Tried: argv[0]}
	}
	return err
}
