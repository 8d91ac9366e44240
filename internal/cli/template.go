package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"mrsk/internal/erb"
	"mrsk/internal/event"
	"mrsk/internal/local"
	"mrsk/internal/secrets"
	"mrsk/internal/textfile"
)

// templates is what the configuration's templates may ask for.
func (l *loader) templates(ctx context.Context, dotenv *secretFiles) erb.World {
	return erb.World{
		Environ: func() []string { return l.sys.Environ },
		Setenv:  l.setenv,
		Dir:     l.sys.Dir, Home: l.sys.Home,
		ReadFile: func(path string) ([]byte, error) { return textfile.ReadUpTo(path, erb.MaxText) },
		Stat:     os.Stat,
		Run: func(command string, environ []string) (erb.Ran, error) {
			r, err := l.runTemplate(ctx, local.Command{Argv: []string{"/bin/sh", "-c", command}, Shown: "a command of the configuration"}, environ)
			var exit *local.ExitError
			if errors.As(err, &exit) {
				return erb.Ran{Stdout: r.Stdout, Stderr: r.Stderr, Status: exit.Status}, nil
			}
			return erb.Ran{Stdout: r.Stdout, Stderr: r.Stderr}, err
		},
		Ruby: func(program, input string, environ []string) (string, error) {
			if l.sys.Getenv("MRSK_RUBY") == "off" || local.Find("ruby") != nil {
				return "", erb.ErrNoRuby
			}
			r, err := l.runTemplate(ctx, local.Command{Argv: []string{"ruby", "-e", program}, Stdin: strings.NewReader(input), Shown: "ruby"}, environ)
			l.sayOfTemplate(r.Stderr)
			return r.Stdout, err
		},
		Dotenv: func(file, text string) ([]string, error) {
			ctx, cancel := limitTemplate(ctx)
			defer cancel()
			return secrets.Variables(ctx, dotenv.options(), file, text)
		},
		Say: l.sayOfTemplate,
	}
}

// runTemplate runs what a template asks for. A destination that mrsk itself has inherited is not
// that of this run.
func (l *loader) runTemplate(ctx context.Context, c local.Command, environ []string) (local.Result, error) {
	c.Dir = l.sys.Dir
	c.Env = append([]string{"MRSK_DESTINATION=", "KAMAL_DESTINATION="}, environ...)
	ctx, cancel := limitTemplate(ctx)
	defer cancel()
	return local.Run(ctx, c)
}

func limitTemplate(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, templateTime, fmt.Errorf("it has not come to an end in %v", templateTime))
}

// templateTime is what a program may take that a template starts: a person waits for it who sees
// nothing of it.
const templateTime = 2 * time.Minute

// setenv is for the whole rest of the run: secrets, hooks and programs see it, too.
func (l *loader) setenv(name, value string) {
	l.sys.Environ = append(slices.Clip(l.sys.Environ), name+"="+value)
	_ = l.sys.Setenv(name, value) // it fails for what is no name, which no program could see
}

// sayOfTemplate keeps what templates print until it can be shown: they are first rendered when
// it is not known yet how much the screen is to show.
func (l *loader) sayOfTemplate(text string) {
	if text = strings.TrimSpace(text); text != "" {
		l.said = append(l.said, text)
	}
}

// showSaid shows what templates have printed.
func (l *loader) showSaid() {
	for _, text := range l.said {
		l.console.ui().Sink()(event.Note{Text: text})
	}
	l.said = nil
}
