package fleet

import (
	"mrsk/internal/config"
	"mrsk/internal/remote"
)

// RemoteOptions returns the SSH options for the ssh section of the configuration. Its user and port
// override the SSH configuration files only if the section sets them. secrets have its keys.
func RemoteOptions(c config.SSH, secrets config.Secrets, local remote.Local) remote.Options {
	opts := remote.Options{
		Login: remote.Login{DefaultUser: "root", Port: c.Port},
		Keys:  remote.Keys{Files: c.Keys, Only: c.KeysOnly, ForwardAgent: forwarding(c)},
		Via:   remote.Via{Jump: c.Proxy, Command: c.ProxyCommand},
		Files: remote.Files{Paths: c.Config, None: c.NoConfig},
		Local: local,
	}
	if c.UserSet {
		opts.Login.User = c.User
	}
	for _, key := range c.KeyData {
		opts.Keys.Data = append(opts.Keys.Data, secrets.Of(key))
	}
	return opts
}

func forwarding(c config.SSH) remote.Forwarding {
	switch {
	case !c.ForwardAgentSet:
		return remote.ForwardAsConfigured
	case c.ForwardAgent:
		return remote.ForwardUnlessForbidden
	}
	return remote.ForwardNever
}

// Limited returns opts with the limits of the sshkit section of the configuration.
func (opts Options) Limited(kit config.SSHKit) Options {
	opts.Starts = kit.MaxConcurrentStarts
	opts.Remote.Timing.DNSRetries = kit.DNSRetries
	if kit.DNSRetries == 0 { // 0 means none there, and the default here
		opts.Remote.Timing.DNSRetries = -1
	}
	return opts
}
