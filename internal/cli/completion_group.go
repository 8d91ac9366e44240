package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"mrsk/internal/completion"
)

// shellScripts write the script that completes commands in a shell.
var shellScripts = map[completion.Shell]func(root *cobra.Command, to io.Writer) error{
	completion.Bash:       func(root *cobra.Command, to io.Writer) error { return root.GenBashCompletionV2(to, true) },
	completion.Zsh:        func(root *cobra.Command, to io.Writer) error { return root.GenZshCompletion(to) },
	completion.Fish:       func(root *cobra.Command, to io.Writer) error { return root.GenFishCompletion(to, true) },
	completion.PowerShell: func(root *cobra.Command, to io.Writer) error { return root.GenPowerShellCompletionWithDesc(to) },
}

func completionGroup(p *program) *cobra.Command {
	c := group("completion", "Let the shell complete commands, options, hosts and accessories", completionInstallCommand(p))
	for _, shell := range completion.Shells() {
		c.AddCommand(completionScriptCommand(p, shell))
	}
	c.Long = `Let the shell complete commands, options, destinations, roles, hosts and accessories. mrsk completion
install sets it up; the other commands print the script.`
	return c
}

func completionScriptCommand(p *program, shell completion.Shell) *cobra.Command {
	name := string(shell)
	return &cobra.Command{
		Use: name, Short: "Print the script for " + name, Args: noArgs,
		Example: "  mrsk completion " + name,
		RunE: func(cmd *cobra.Command, _ []string) error {
			script, err := completionScript(cmd, shell)
			if err != nil {
				return err
			}
			return p.console.write(string(script))
		},
	}
}

func completionScript(cmd *cobra.Command, shell completion.Shell) ([]byte, error) {
	var script bytes.Buffer
	err := shellScripts[shell](cmd.Root(), &script)
	return script.Bytes(), err
}

func completionInstallCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "install [SHELL]", Short: "Install completion for your shell: bash, zsh or fish", ValidArgs: []string{"bash", "zsh", "fish"},
		Long: `Install completion for SHELL, or for the shell of your login. bash and fish read the script from a
folder of your home; bash needs the package bash-completion. For zsh a few lines are added to .zshrc.
Run it again after an update of mrsk: what is up to date is not changed.`,
		Example: "  mrsk completion install\n  mrsk completion install zsh",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return noArgs(c, args[1:])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			shell := completion.Shell(filepath.Base(p.sys.Getenv("SHELL")))
			if len(args) > 0 {
				shell = completion.Shell(args[0])
			}
			return p.installCompletion(cmd, shell)
		},
	}
}

func (p *program) installCompletion(cmd *cobra.Command, shell completion.Shell) error {
	place, err := completion.PlaceOf(shell, p.sys.Getenv("HOME"), p.sys.Getenv)
	switch {
	case errors.Is(err, completion.ErrUnknownShell):
		return usageError{err: fmt.Errorf("cannot install completion for the shell %q", shell), hint: "name bash, zsh or fish; mrsk completion powershell prints the script for PowerShell"}
	case err != nil:
		return err
	}
	script, err := completionScript(cmd, shell)
	if err != nil {
		return err
	}
	changed, err := place.Install(script)
	for _, file := range changed {
		p.console.ui().Sink()(note("wrote %s", file))
	}
	switch {
	case err != nil:
		return err
	case len(changed) == 0:
		p.console.ui().Sink()(note("completion for %s is up to date in %s", shell, place.Script))
	default:
		p.console.ui().Sink()(note("open a new %s for it to take effect", shell))
	}
	return nil
}

// CompletionScript returns the script that completes the commands of mrsk in a shell.
func CompletionScript(shell completion.Shell) ([]byte, error) {
	var script bytes.Buffer
	err := shellScripts[shell](idleRoot(), &script)
	return script.Bytes(), err
}
