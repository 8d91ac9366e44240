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
func (in *invocation) templates(ctx context.Context) erb.World {
	return erb.World{
		Environ: func() []string { return in.sys.Environ },
		Setenv:  in.setenv,
		Dir:     in.sys.Dir, Home: in.sys.Home,
		ReadFile: func(path string) ([]byte, error) { return textfile.ReadUpTo(path, erb.MaxText) },
		Stat:     os.Stat,
		Run: func(command string, environ []string) (erb.Ran, error) {
			r, err := in.runTemplate(ctx, local.Command{Argv: []string{"/bin/sh", "-c", command}, Shown: "a command of the configuration"}, environ)
			var exit *local.ExitError
			if errors.As(err, &exit) {
				return erb.Ran{Stdout: r.Stdout, Stderr: r.Stderr, Status: exit.Status}, nil
			}
			return erb.Ran{Stdout: r.Stdout, Stderr: r.Stderr}, err
		},
		Ruby: func(program, input string, environ []string) (string, error) {
			if in.sys.Getenv("MRSK_RUBY") == "off" || local.Find("ruby") != nil {
				return "", erb.ErrNoRuby
			}
			r, err := in.runTemplate(ctx, local.Command{Argv: []string{"ruby", "-e", program}, Stdin: strings.NewReader(input), Shown: "ruby"}, environ)
			in.sayOfTemplate(r.Stderr)
			return r.Stdout, err
		},
		Dotenv: func(file, text string) ([]string, error) {
			return secrets.Variables(ctx, in.secretsOptions(), file, text)
		},
		Say: in.sayOfTemplate,
	}
}

// runTemplate runs what a template asks for. A destination that mrsk itself has inherited is not
// that of this run.
func (in *invocation) runTemplate(ctx context.Context, c local.Command, environ []string) (local.Result, error) {
	c.Dir = in.sys.Dir
	c.Env = append([]string{"MRSK_DESTINATION=", "KAMAL_DESTINATION="}, environ...)
	ctx, cancel := context.WithTimeoutCause(ctx, templateTime, fmt.Errorf("it has not come to an end in %v", templateTime))
	defer cancel()
	return local.Run(ctx, c)
}

// templateTime is what a program may take that a template starts: a person waits for it who sees
// nothing of it.
const templateTime = 2 * time.Minute

// setenv is for the whole rest of the run: secrets, hooks and programs see it, too.
func (in *invocation) setenv(name, value string) {
	in.sys.Environ = append(slices.Clip(in.sys.Environ), name+"="+value)
	_ = in.sys.Setenv(name, value) // it fails for what is no name, which no program could see
}

// sayOfTemplate keeps what templates print until it can be shown: they are first rendered when
// it is not known yet how much the screen is to show.
func (in *invocation) sayOfTemplate(text string) {
	if text = strings.TrimSpace(text); text != "" {
		in.said = append(in.said, text)
	}
}

// showSaid shows what templates have printed.
func (in *invocation) showSaid() {
	for _, text := range in.said {
		in.ui().Sink()(event.Note{Text: text})
	}
	in.said = nil
}
