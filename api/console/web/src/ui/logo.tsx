export const Logo = ({ size = 28 }: { size?: number }) => (
  <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
    <rect class="logo-ground" width="32" height="32" rx="8" />
    <path class="logo-way" d="M7 22 16 10l9 12" />
    <circle class="logo-end" cx="7" cy="22" r="3" />
    <circle class="logo-end" cx="25" cy="22" r="3" />
    <circle class="logo-relay" cx="16" cy="10" r="4" />
  </svg>
);
