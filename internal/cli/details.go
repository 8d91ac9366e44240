package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/inspect"
	"mrsk/internal/observe"
)

func detailsCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "details", Short: "Show the proxy, the app's containers and the accessories on every host", Args: noArgs,
		Example: "  mrsk details\n  mrsk details --json | jq '.[].proxy.state'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			seen, err := observeOn(cmd.Context(), r, r.Scope.Hosts(), observe.Want{Accessories: true})
			hosts := shownHosts(p.console, r.Scope, seen, false)
			for i, h := range seen {
				hosts[i].Accessories = inspect.AccessoriesOf(r.Scope, h)
			}
			return told(hosts, err, func(hosts []inspect.Host) error {
				if asJSON {
					return p.console.json(hosts)
				}
				return showAll(p.console, r.Scope, hosts)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// details looks at the hosts; containers that no longer run come with all.
func details(p *program, cmd *cobra.Command, all bool) ([]inspect.Host, error) {
	r, err := p.opener.look(cmd)
	if err != nil {
		return nil, err
	}
	seen, err := observeApp(cmd.Context(), r)
	return shownHosts(p.console, r.Scope, seen, all), err
}

// shownHosts is what was seen, as it is shown, and warns of what is about to end.
func shownHosts(screen *console, c *config.Scope, seen []facts.Host, all bool) []inspect.Host {
	hosts := []inspect.Host{}
	for _, h := range seen {
		warnOfExpiry(screen, c, h)
		hosts = append(hosts, inspect.HostOf(c, h, all))
	}
	return hosts
}

// showAll shows of each host what it is there for, and what else it has.
func showAll(screen *console, c *config.Scope, hosts []inspect.Host) error {
	only := func(about []string, has func(inspect.Host) bool) []inspect.Host {
		return slices.DeleteFunc(slices.Clone(hosts), func(h inspect.Host) bool { return !slices.Contains(about, h.Host) && !has(h) })
	}
	proxies := only(c.ProxyHosts(), func(h inspect.Host) bool { return h.Proxy != nil })
	apps := only(c.AppHosts(), func(h inspect.Host) bool { return len(h.Containers) > 0 })
	var accessories []inspect.Accessory
	for _, h := range hosts {
		accessories = append(accessories, h.Accessories...)
	}
	return errors.Join(showProxies(screen, proxies), showContainers(screen, apps), showAccessories(screen, accessories))
}

// warnOfExpiry tells of certificates that the host received from another one and that nobody has
// brought anew.
func warnOfExpiry(screen *console, c *config.Scope, h facts.Host) {
	for _, k := range inspect.ReceivedBy(c, h) {
		if left := k.Expires.Sub(screen.sys.Now()); left < expiryWarning {
			screen.ui().Sink()(event.Warning{Host: h.Name, Text: fmt.Sprintf("the certificate for %s from %s expires on %s; mrsk proxy certificates --sync brings a newer one",
				strings.Join(k.Names, ", "), k.From, k.Expires.Format(time.DateOnly))})
		}
	}
}

// expiryWarning is about half of what is left when a proxy renews a certificate.
const expiryWarning = 14 * 24 * time.Hour

func showProxies(c *console, hosts []inspect.Host) error {
	return sections(c, "Proxy", func(h inspect.Host) (string, string) { return h.Host, h.Proxy.Text() })(hosts)
}

func showContainers(c *console, hosts []inspect.Host) error {
	now := c.sys.Now()
	return sections(c, "App", func(h inspect.Host) (string, string) { return h.Host, h.Text(now) })(hosts)
}
