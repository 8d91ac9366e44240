package cli

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// ManPages returns the manual pages of all commands, in section 1, by the names of their files.
func ManPages() map[string]string {
	root := idleRoot()
	pages := map[string]string{}
	var add func(*cobra.Command)
	add = func(c *cobra.Command) {
		pages[manName(c)+".1"] = manPage(c)
		for _, child := range c.Commands() {
			add(child)
		}
	}
	add(root)
	return pages
}

// idleRoot is the command tree of a program that runs nothing.
func idleRoot() *cobra.Command {
	return newRoot(newProgram(context.Background(), System{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }}))
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage is the page of a command in the language man(7).
func manPage(c *cobra.Command) string {
	var b strings.Builder
	b.WriteString(".TH " + strings.ToUpper(manEscape(manName(c))) + ` 1 "" mrsk "mrsk"` + "\n")
	b.WriteString(".SH NAME\n" + manEscape(manName(c)) + ` \- ` + manEscape(c.Short) + "\n")
	b.WriteString(".SH SYNOPSIS\n.B " + manEscape(usageLine(c)) + "\n")
	b.WriteString(".SH DESCRIPTION\n" + manText(c))
	if c.HasSubCommands() {
		b.WriteString(".SH COMMANDS\n" + manRows(manCommands(c)))
	} else {
		b.WriteString(manOptions("OPTIONS", c.LocalNonPersistentFlags()))
	}
	if !c.HasParent() {
		b.WriteString(manOptions("OPTIONS OF ALL COMMANDS", c.PersistentFlags()))
	}
	b.WriteString(".SH EXIT STATUS\n" + manRows(manStatuses(c)))
	if c.HasExample() {
		b.WriteString(".SH EXAMPLES\n.nf\n" + manLines(strings.ReplaceAll(strings.TrimSpace(c.Example), "\n  ", "\n")) + ".fi\n")
	}
	if c.HasParent() {
		b.WriteString(".SH SEE ALSO\n.BR " + manEscape(manName(c.Parent())) + " (1)\n")
	}
	return b.String()
}

// manText is the description in paragraphs. Paragraphs with an indented line keep their lines.
func manText(c *cobra.Command) string {
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	var b strings.Builder
	for i, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if strings.Contains("\n"+p, "\n ") {
			b.WriteString(".nf\n" + manLines(p) + ".fi\n")
		} else {
			b.WriteString(manLines(p))
		}
	}
	return b.String()
}

func manOptions(title string, flags *pflag.FlagSet) string {
	if !flags.HasAvailableFlags() {
		return ""
	}
	return ".SH " + title + "\n" + manRows(optionRows(flags))
}

func manCommands(c *cobra.Command) (rows []row) {
	for _, child := range c.Commands() {
		if child.IsAvailableCommand() {
			rows = append(rows, row{manName(child) + "(1)", child.Short})
		}
	}
	return rows
}

func manStatuses(c *cobra.Command) (rows []row) {
	for _, e := range exitStatuses(c) {
		rows = append(rows, row{e.code.String(), e.meaning})
	}
	return rows
}

func manRows(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(".TP\n.B " + manEscape(strings.TrimSpace(r.name)) + "\n" + manLines(r.about))
	}
	return b.String()
}

// manLines escapes lines of text, so that none is a request.
func manLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = manEscape(strings.TrimRight(line, "\n"))
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// manEscape escapes what stands for something else in running text.
func manEscape(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
}
